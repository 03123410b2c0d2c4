from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from CTDenoiseLib import samples
from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseLib.samples import SAMPLES, Sample, SampleError, fetch


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def pip(monkeypatch):
    """Stands in for pip: puts a given archive where `pip download` would, or fails as pip would."""

    class Pip:
        archive: bytes | None = None
        complaint = ""
        command: list[str]
        requirement = ""

        def run(self, command, **_):
            self.command = command
            self.requirement = Path(command[command.index("--requirement") + 1]).read_text()
            if self.archive is None:
                return subprocess.CompletedProcess(command, 1, "", self.complaint)
            destination = Path(command[command.index("--dest") + 1])
            destination.mkdir()
            (destination / "archive").write_bytes(self.archive)
            return subprocess.CompletedProcess(command, 0, "", "")

    pip = Pip()
    monkeypatch.setattr(samples.subprocess, "run", pip.run)
    return pip


@pytest.fixture
def small_wheel(monkeypatch, pip) -> Sample:
    inner = zipped({"series/1.dcm": b"one", "../../escaped.dcm": b"out", "/absolute.dcm": b"out"})
    pip.archive = zipped({"package/scan.zip": inner, "package/code.py": b"raise SystemExit"})
    sample = Sample(
        "small",
        "A scan",
        "package==1.0",
        "wheel",
        hashlib.sha256(pip.archive).hexdigest(),
        ("package/scan.zip",),
        "MIT",
    )
    monkeypatch.setattr(samples, "SAMPLES", {"small": sample})
    return sample


def everything_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_sample_is_asked_for_by_name_and_hash_and_never_by_address(small_wheel, pip, tmp_path):
    fetch("small", tmp_path / "data")
    assert pip.requirement.split() == ["package==1.0", f"--hash=sha256:{small_wheel.sha256}"]
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(pip.command)
    assert not any("://" in part for part in pip.command)


def test_only_the_data_and_a_readme_with_source_and_licence_arrive(small_wheel, tmp_path):
    folder = fetch("small", tmp_path / "data")
    assert "series/1.dcm" in everything_below(folder)
    assert "code.py" not in {Path(name).name for name in everything_below(folder)}
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    assert "package==1.0" in readme
    assert small_wheel.sha256 in readme
    assert "MIT" in readme
    assert "esearch use only" in readme


def test_nothing_in_an_archive_lands_outside_the_folder(small_wheel, tmp_path):
    fetch("small", tmp_path / "deep" / "er" / "data")
    assert all(name.startswith("deep/er/data/") for name in everything_below(tmp_path))
    assert not Path("/absolute.dcm").exists()


def test_files_of_a_source_archive_arrive_by_their_own_name(monkeypatch, pip, tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name in ("package-1.0/data/a.nrrd", "package-1.0/setup.py"):
            entry = tarfile.TarInfo(name)
            entry.size = 3
            archive.addfile(entry, io.BytesIO(b"abc"))
    pip.archive = buffer.getvalue()
    sha256 = hashlib.sha256(pip.archive).hexdigest()
    sample = Sample("small", "A scan", "package==1.0", "source", sha256, ("data/a.nrrd",), "BSD")
    monkeypatch.setattr(samples, "SAMPLES", {"small": sample})
    assert everything_below(fetch("small", tmp_path / "data")) == {"a.nrrd", "README.txt"}


def test_an_archive_with_another_hash_is_refused_and_nothing_is_left(small_wheel, monkeypatch, tmp_path):
    monkeypatch.setattr(samples, "SAMPLES", {"small": replace(small_wheel, sha256="0" * 64)})
    with pytest.raises(SampleError, match="not the one it should be"):
        fetch("small", tmp_path / "data")
    assert not everything_below(tmp_path)


@pytest.mark.parametrize(
    ("complaint", "reason"),
    [
        ("WARNING: retrying\nERROR: No matching distribution found for package==1.0\n", "No matching distribution"),
        ("/usr/bin/python: No module named pip\n", "No module named pip"),
        ("", "pip gave no reason"),
    ],
    ids=["no network", "no pip", "silent"],
)
def test_a_failed_download_says_why_and_what_to_try_and_leaves_nothing(small_wheel, pip, tmp_path, complaint, reason):
    pip.archive, pip.complaint = None, complaint
    with pytest.raises(SampleError, match=reason) as error:
        fetch("small", tmp_path / "data")
    assert "pip download --no-deps package==1.0" in str(error.value)
    assert not everything_below(tmp_path)


def test_an_unknown_name_lists_the_samples(tmp_path):
    with pytest.raises(SampleError, match=", ".join(SAMPLES)):
        fetch("chest", tmp_path / "data")


def test_a_folder_with_something_in_it_is_refused_before_any_download(small_wheel, pip, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    pip.archive = None
    with pytest.raises(OutputExistsError):
        fetch("small", tmp_path)
    assert not hasattr(pip, "command")
    assert everything_below(tmp_path) == {"mine.txt"}


@pytest.mark.parametrize(
    ("name", "files"),
    [("catphan", 65), ("lung", 3)],
)
def test_the_real_samples_can_be_fetched(tmp_path, name, files):
    try:
        folder = fetch(name, tmp_path / "data")
    except SampleError as error:
        if "hash" in str(error).lower():
            raise
        pytest.skip(f"The package index cannot be reached from here: {error}")
    assert len(everything_below(folder) - {"README.txt"}) == files
    shutil.rmtree(folder)
