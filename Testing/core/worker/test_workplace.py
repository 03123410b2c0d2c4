from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.worker import workplace as workplace_module
from CTDenoiseLib.worker.section_file import SectionFile
from CTDenoiseLib.worker.workplace import Workplace, WorkplaceError


@pytest.fixture
def workplace(tmp_path):
    made = Workplace(tmp_path)
    yield made
    made.close()


def made_by_a_program_that_crashed(parent: Path, *, seconds_ago: float) -> Path:
    """A workplace whose program ended without tidying up."""
    code = (
        "import os, pathlib, sys; from CTDenoiseLib.worker.workplace import Workplace; "
        "print(Workplace(pathlib.Path(sys.argv[1])).path, flush=True); os._exit(1)"
    )
    answer = subprocess.run([sys.executable, "-c", code, str(parent)], stdout=subprocess.PIPE, text=True, check=False)
    path = Path(answer.stdout.strip())
    assert path.is_dir()
    then = path.stat().st_mtime - seconds_ago
    os.utime(path / "in_use", (then, then))
    return path


@pytest.mark.skipif(os.name == "nt", reason="Windows gives temporary folders to the user alone by other means.")
def test_nobody_else_may_look_into_it(workplace):
    assert workplace.path.stat().st_mode & 0o777 == 0o700


def test_a_map_is_a_file_for_sections(workplace):
    path = workplace.create_map("noise", shape=(2, 3, 4), dtype=np.int16)
    assert path == workplace.path / "noise.npy"
    assert SectionFile(path).shape == (2, 3, 4)


def test_closing_deletes_it(tmp_path):
    workplace = Workplace(tmp_path)
    workplace.create_map("noise", shape=(2, 3, 4), dtype=np.int16)
    workplace.close()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_told_before_anything_is_made(workplace, tmp_path):
    with pytest.raises(WorkplaceError, match=r"GiB left, and .* GiB are needed"):
        workplace.create_map("noise", shape=(2**20, 2**12, 2**12), dtype=np.int16)
    assert list(workplace.path.glob("*.npy")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="Other systems may give a file its room at once.")
def test_room_promised_to_the_maps_before_is_counted(workplace, monkeypatch):
    usage = workplace_module.shutil.disk_usage(workplace.path)
    monkeypatch.setattr(workplace_module.shutil, "disk_usage", lambda _: usage._replace(free=2**29))
    section = {"shape": (160, 1024, 1024), "dtype": np.uint8}
    workplace.create_map("input", **section)
    with pytest.raises(WorkplaceError, match=r"0\.5 GiB left, and 0\.6 GiB are needed"):
        workplace.create_map("noise", **section)


def test_a_parent_that_is_not_there_is_named(tmp_path):
    with pytest.raises(WorkplaceError, match="absent"):
        Workplace(tmp_path / "absent")


def test_what_a_crashed_program_left_is_deleted_by_the_next(tmp_path):
    left = made_by_a_program_that_crashed(tmp_path, seconds_ago=3600)
    workplace = Workplace(tmp_path)
    assert not left.exists()
    assert workplace.path.exists()
    workplace.close()


def test_a_folder_just_made_is_left_alone(tmp_path):
    left = made_by_a_program_that_crashed(tmp_path, seconds_ago=0)
    Workplace(tmp_path).close()
    assert left.exists()


def test_the_workplace_of_a_running_program_is_left_alone(workplace, tmp_path):
    os.utime(workplace.path / "in_use", (0, 0))
    Workplace(tmp_path).close()
    assert workplace.path.exists()


def test_folders_of_others_are_left_alone(tmp_path):
    (tmp_path / "ctdenoise-notes").mkdir()
    (tmp_path / "in_use").write_text("")
    Workplace(tmp_path).close()
    assert (tmp_path / "ctdenoise-notes").exists()
