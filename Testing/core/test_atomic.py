"""Output is there whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from CTDenoiseLib.atomic import (
    OutputExistsError,
    WriteFailedError,
    check_file,
    check_folder,
    discard_unfinished,
    file_in_the_making,
    folder_in_the_making,
)


def everything_in(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def anything(_: Path) -> bool:
    return True


def test_a_folder_appears_with_all_its_files_at_the_end(tmp_path):
    target = tmp_path / "made" / "for it"
    with folder_in_the_making(target) as folder:
        (folder / "a.txt").write_text("a")
        assert not target.exists()
        assert folder.name.startswith(".")
    assert everything_in(tmp_path) == {str(Path("made", "for it", "a.txt")): "a"}


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, GeneratorExit, SystemExit])
def test_nothing_is_left_after_any_interruption(tmp_path, interruption):
    def make_folder():
        with folder_in_the_making(tmp_path / "new" / "folder") as folder:
            (folder / "a.txt").write_text("a")
            raise interruption

    def make_file():
        with file_in_the_making(tmp_path / "new" / "file.txt") as file:
            file.write_text("half")
            raise interruption

    for make in (make_folder, make_file):
        with pytest.raises(interruption):
            make()
        assert not list(tmp_path.iterdir())


def test_an_empty_folder_is_used_and_stays_the_same_folder(tmp_path):
    target = tmp_path / "empty"
    target.mkdir()
    (target / ".DS_Store").write_text("left by a file manager")
    before = target.stat()
    with folder_in_the_making(target) as folder:
        (folder / "a.txt").write_text("a")
    assert os.path.samestat(before, target.stat())
    assert everything_in(target) == {"a.txt": "a", ".DS_Store": "left by a file manager"}


def test_the_current_folder_can_be_the_target(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with folder_in_the_making(Path()) as folder:
        (folder / "a.txt").write_text("a")
    assert everything_in(Path.cwd()) == {"a.txt": "a"}


def test_a_folder_that_holds_files_is_refused_before_any_work(tmp_path):
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(OutputExistsError, match="not empty"), folder_in_the_making(tmp_path):
        pytest.fail("the work began")
    assert everything_in(tmp_path) == {"a.txt": "mine"}


def test_a_file_in_place_of_a_folder_is_refused_even_with_overwrite(tmp_path):
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(OutputExistsError, match="is a file"), folder_in_the_making(tmp_path / "a.txt", overwrite=True):
        pytest.fail("the work began")


def test_overwrite_alone_deletes_nothing(tmp_path):
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(OutputExistsError, match=r"a\.txt"), folder_in_the_making(tmp_path, overwrite=True):
        pytest.fail("the work began")
    assert everything_in(tmp_path) == {"a.txt": "mine"}


def test_overwrite_replaces_what_may_go_after_success_only(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.txt").write_text("old")
    with folder_in_the_making(tmp_path, overwrite=True, replaceable=anything) as folder:
        (folder / "b.txt").write_text("new")
        assert "old" in everything_in(tmp_path).values()
    assert everything_in(tmp_path) == {"b.txt": "new"}
    with pytest.raises(RuntimeError), folder_in_the_making(tmp_path, overwrite=True, replaceable=anything):
        raise RuntimeError
    assert everything_in(tmp_path) == {"b.txt": "new"}


def test_a_foreign_file_that_arrives_meanwhile_is_never_deleted(tmp_path):
    (tmp_path / "a.txt").write_text("old")

    def replace_while_a_letter_arrives():
        with folder_in_the_making(tmp_path, overwrite=True, replaceable=lambda file: file.name == "a.txt") as folder:
            (folder / "a.txt").write_text("new")
            (tmp_path / "letter").write_text("foreign")

    with pytest.raises(OutputExistsError, match="letter"):
        replace_while_a_letter_arrives()
    assert everything_in(tmp_path) == {"a.txt": "old", "letter": "foreign"}


def test_the_old_content_comes_back_if_the_new_cannot_be_moved_into_place(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "b.txt").write_text("old")
    replace = Path.replace

    def fail_on_the_last(self: Path, target: Path) -> Path:
        if self.name == "d.txt" and ".ctdenoise" not in str(target):
            raise PermissionError(errno.EACCES, "denied", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_on_the_last)

    def replace_all():
        with folder_in_the_making(tmp_path, overwrite=True, replaceable=anything) as folder:
            (folder / "c.txt").write_text("new")
            (folder / "d.txt").write_text("new")

    with pytest.raises(WriteFailedError):
        replace_all()
    assert everything_in(tmp_path) == {"a.txt": "old", "b.txt": "old"}


def test_a_file_appears_under_its_name_with_the_files_beside_it(tmp_path):
    with file_in_the_making(tmp_path / "scan.mhd") as path:
        assert path.name == "scan.mhd"
        path.write_text("header")
        path.with_suffix(".raw").write_text("data")
    assert everything_in(tmp_path) == {"scan.mhd": "header", "scan.raw": "data"}


def test_a_file_is_replaced_only_on_request(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(OutputExistsError, match="already exists"), file_in_the_making(path):
        pytest.fail("the work began")
    with file_in_the_making(path, overwrite=True) as new:
        new.write_text("new")
        assert path.read_text() == "old"
    assert everything_in(tmp_path) == {"a.txt": "new"}


def test_a_folder_is_never_replaced_by_a_file(tmp_path):
    with pytest.raises(OutputExistsError, match="is a folder"), file_in_the_making(tmp_path, overwrite=True):
        pytest.fail("the work began")


@pytest.mark.skipif(os.name != "posix", reason="Permissions in the POSIX way.")
def test_others_may_read_the_output_as_any_other_file(tmp_path):
    (tmp_path / "ordinary").mkdir()
    with folder_in_the_making(tmp_path / "made") as folder:
        pass
    assert not folder.exists()
    ordinary, made = ((tmp_path / name).stat().st_mode for name in ("ordinary", "made"))
    assert stat.S_IMODE(made) == stat.S_IMODE(ordinary)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.ENOSPC, "disk is full"), (errno.EACCES, "no permission"), (errno.EIO, "could not be written")],
)
def test_a_failure_of_the_system_becomes_one_sentence(tmp_path, number, sentence):
    target = tmp_path / "out"
    with pytest.raises(WriteFailedError, match=sentence) as failure, folder_in_the_making(target) as folder:
        raise OSError(number, os.strerror(number), str(folder / "a.txt"))
    assert str(target) in str(failure.value)
    assert not list(tmp_path.iterdir())


def test_the_sentence_names_the_place_the_user_knows_also_for_output_inside_output(tmp_path):
    def make_a_file_inside_a_folder():
        with (
            folder_in_the_making(tmp_path / "outer") as outer,
            folder_in_the_making(outer) as inner,
            file_in_the_making(inner / "a.txt"),
        ):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(WriteFailedError) as failure:
        make_a_file_inside_a_folder()
    assert str(tmp_path / "outer") + " was not written" in str(failure.value)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_read_is_no_failure_to_write(tmp_path):
    with pytest.raises(FileNotFoundError), folder_in_the_making(tmp_path / "out"):
        (tmp_path / "elsewhere").read_text()


def test_a_disk_that_really_fills_up_leaves_nothing(tmp_path):
    """The system itself refuses: a limit on file size, which needs no special rights, acts as the end of the disk."""
    pytest.importorskip("resource", reason="Limits of this kind are those of POSIX.")
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from CTDenoiseLib.atomic import WriteFailedError, folder_in_the_making\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    with folder_in_the_making(Path(sys.argv[1])) as folder:\n"
        "        (folder / 'a').write_bytes(bytes(1 << 15))\n"
        "        (folder / 'b').write_bytes(bytes(1 << 20))\n"
        "except WriteFailedError as error:\n"
        "    print(error)\n"
    )
    target = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", program, str(target)], capture_output=True, text=True, check=True, timeout=60
    )
    assert "disk is full" in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_process_that_ends_without_unwinding_can_discard_what_is_in_the_making(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.txt").write_text("old")
    script = """
import os, sys
from pathlib import Path
from CTDenoiseLib.atomic import discard_unfinished, file_in_the_making, folder_in_the_making
root = Path(sys.argv[1])
with folder_in_the_making(root / "done") as folder:
    (folder / "a.txt").write_text("whole")
with (
    folder_in_the_making(root / "new" / "folder") as new,
    folder_in_the_making(root / "old", overwrite=True, replaceable=lambda _: True) as old,
    file_in_the_making(root / "file.txt") as file,
):
    for unfinished in (new / "a.txt", old / "a.txt", file):
        unfinished.write_text("half")
    discard_unfinished()
    os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True)
    assert everything_in(tmp_path) == {str(Path("done", "a.txt")): "whole", str(Path("old", "a.txt")): "old"}
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["done", "old"]


def test_what_is_finished_is_not_discarded(tmp_path):
    with file_in_the_making(tmp_path / "a.txt") as file:
        file.write_text("whole")
    discard_unfinished()
    assert everything_in(tmp_path) == {"a.txt": "whole"}


def test_whether_a_place_is_free_is_known_before_the_work(tmp_path):
    (tmp_path / "file.txt").write_text("a")
    for free in (tmp_path / "new.txt", tmp_path / "new" / "new.txt"):
        check_file(free)
        check_folder(free)
    check_file(tmp_path / "file.txt", overwrite=True)
    check_folder(tmp_path, overwrite=True)
    for check, place in ((check_file, tmp_path / "file.txt"), (check_file, tmp_path), (check_folder, tmp_path)):
        with pytest.raises(OutputExistsError):
            check(place)
    for overwrite in (False, True):
        with pytest.raises(OutputExistsError, match="is a file"):
            check_folder(tmp_path / "file.txt", overwrite=overwrite)
