from __future__ import annotations

import errno
from pathlib import Path

import pytest
import torch

from CTDenoiseLib.atomic import WriteFailedError
from CTDenoiseTrainLib.errors import CheckpointError
from CTDenoiseTrainLib.runs import checkpoints
from CTDenoiseTrainLib.runs.checkpoint_record import STATE_FILE, TENSORS_FILE, checkpoint_folders
from CTDenoiseTrainLib.runs.checkpoints import last_checkpoint, read_checkpoint, write_checkpoint
from CTDenoiseTrainLib.runs.resume import find_checkpoint
from CTDenoiseTrainLib.runs.run_folder import RunFolder
from CTDenoiseTrainLib.training.news import EpochNews, ValidationFigures
from CTDenoiseTrainLib.training.state import TrainerState, history_content
from support.tiny_run import make_run


def state(step: int = 5) -> TrainerState:
    """What a trainer gives; numbers that no decimal fraction holds, so that rounding would show."""
    figures = ValidationFigures(loss=1 / 3, rmse=None, psnr=None, ssim=0.1, noise_reduction=None, residual_index=None)
    news = EpochNews(epoch=step, loss=2 / 3, validation=figures, best=True, seconds=1.0)
    content = {"step": step, "best_epoch": step, "history": history_content((news,)), "seconds": 0.1 + 0.2}
    return TrainerState({"network.weight": torch.randn(3, 2), "network.count": torch.tensor(7)}, content)


def numbers(parent: Path) -> list[int]:
    return [int(folder.name) for folder in checkpoint_folders(parent)]


def spoil(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


def test_what_is_written_is_read_bit_by_bit(tmp_path):
    written = state()
    read = read_checkpoint(write_checkpoint(tmp_path, written, facts={"recipe": "abc"}))
    assert read.state.content == written.content
    assert read.state.history == written.history
    assert read.facts == {"recipe": "abc"}
    assert read.state.tensors.keys() == written.tensors.keys()
    assert all(torch.equal(read.state.tensors[key], tensor) for key, tensor in written.tensors.items())


def test_the_last_two_are_kept(tmp_path):
    for step in range(4):
        write_checkpoint(tmp_path, state(step), facts={})
    assert numbers(tmp_path) == [3, 4]
    assert last_checkpoint(tmp_path, on_note=pytest.fail).state.step == 3


@pytest.mark.parametrize("file", [STATE_FILE, TENSORS_FILE])
@pytest.mark.parametrize("damage", [spoil, Path.unlink, lambda file: file.write_bytes(b"")])
def test_instead_of_a_damaged_checkpoint_the_one_before_is_taken_and_said(tmp_path, file, damage):
    write_checkpoint(tmp_path, state(1), facts={})
    damage(write_checkpoint(tmp_path, state(2), facts={}) / file)
    notes: list[str] = []
    assert last_checkpoint(tmp_path, on_note=notes.append).state.step == 1
    assert len(notes) == 1
    assert "00000002 is damaged" in notes[0]
    assert notes[0].endswith("from the one before, 00000001.")


def test_a_good_checkpoint_is_not_given_up_for_a_damaged_one(tmp_path):
    run = RunFolder(tmp_path)
    write_checkpoint(run.checkpoints, state(1), facts={})
    spoil(write_checkpoint(run.checkpoints, state(2), facts={}) / TENSORS_FILE)
    gone_on_from = find_checkpoint(run, resume=True, on_note=lambda note: None)
    assert gone_on_from is not None
    spoil(write_checkpoint(run.checkpoints, state(3), facts={}) / STATE_FILE)
    assert last_checkpoint(run.checkpoints, on_note=lambda note: None).state.step == 1


def test_without_an_undamaged_checkpoint_there_is_nothing_to_go_on_from(tmp_path):
    spoil(write_checkpoint(tmp_path, state(), facts={}) / TENSORS_FILE)
    with pytest.raises(CheckpointError, match=r"damaged.*begin a new run"):
        last_checkpoint(tmp_path, on_note=pytest.fail)
    with pytest.raises(CheckpointError, match="no checkpoint"):
        last_checkpoint(tmp_path / "empty", on_note=pytest.fail)


def test_a_checkpoint_of_a_newer_program_is_not_misread(tmp_path):
    folder = write_checkpoint(tmp_path, state(), facts={})
    text = (folder / STATE_FILE).read_text()
    (folder / STATE_FILE).write_text(text.replace('"version": 1', '"version": 2', 1))
    with pytest.raises(CheckpointError, match="update CTDenoise"):
        read_checkpoint(folder)


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    write_checkpoint(tmp_path, state(1), facts={})

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoints.os, "fsync", full)
    with pytest.raises(WriteFailedError, match="disk is full"):
        write_checkpoint(tmp_path, state(2), facts={})
    assert [entry.name for entry in tmp_path.iterdir()] == ["00000001"]
    assert last_checkpoint(tmp_path, on_note=pytest.fail).state.step == 1


def test_a_list_of_runs_tells_of_the_last_checkpoint(tmp_path):
    run: RunFolder = make_run(tmp_path / "run")
    write_checkpoint(run.checkpoints, state(2), facts={})
    told = run.state()
    assert (told.epochs_done, told.best_epoch, told.resumable) == (2, 2, True)
    (last,) = checkpoint_folders(run.checkpoints)
    spoil(last / STATE_FILE)
    told = run.state()
    assert not told.resumable
    assert "damaged" in (told.damage or "")
