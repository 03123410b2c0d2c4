"""Runs on the disk: which can be gone on with, and which are left over."""

from __future__ import annotations

import os
import time

import pytest

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseTrainLib.runs.run_folder import RunFolder
from CTDenoiseTrainScene.resumable import (
    discard_run,
    new_run_folder,
    recipe_of_run,
    remove_leftovers,
    resumable_runs,
    run_state,
)
from support.tiny_run import make_run
from support.unprivileged import unprivileged_folder

DAY = 24 * 3600.0


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("CTDENOISE_RUNS", str(tmp_path))
    return tmp_path


def leave(folder, *, age, copied=True):
    """A run that was never begun, made some time ago."""
    run = make_run(folder)
    if copied:
        (run.data / "1-noisy.facts.json").write_text("{}")
    then = time.time() - age
    os.utime(run.recipe_file, (then, then))
    return run.path


def test_only_runs_that_have_begun_and_are_not_complete_can_be_resumed(runs, stopped_run_folder):
    make_run(runs / "fresh")
    (runs / "of-somebody-else").mkdir()
    assert [run.folder for run in resumable_runs()] == [stopped_run_folder]
    assert resumable_runs(runs / "nowhere") == ()


def test_a_new_run_gets_a_folder_of_its_own(runs):
    assert new_run_folder("our-own") == runs / "our-own"
    (runs / "our-own").mkdir()
    assert new_run_folder("our-own") == runs / "our-own-2"
    assert new_run_folder("our-own", runs / "elsewhere") == runs / "elsewhere" / "our-own"


def test_a_folder_without_a_recipe_is_no_run(runs, stopped_run_folder):
    assert run_state(runs) is None
    assert run_state(stopped_run_folder).resumable
    assert recipe_of_run(stopped_run_folder).name == "our-own"


def test_discarding_deletes_runs_and_nothing_else(runs, stopped_run_folder):
    discard_run(runs)
    discard_run(stopped_run_folder)
    assert runs.exists()
    assert not stopped_run_folder.exists()
    run = make_run(runs / "mixed")
    (run.path / "thesis.txt").write_text("Chapter 1")
    with pytest.raises(CTDenoiseError, match=r"thesis\.txt"):
        discard_run(run.path)


def test_what_may_not_be_written_in_is_left_alone():
    with unprivileged_folder() as parent:
        locked = leave(parent / "locked", age=2 * DAY)
        locked.chmod(0o500)
        remove_leftovers(parent)
        assert locked.exists()
        hidden = make_run(parent / "hidden").path
        parent.chmod(0)
        assert run_state(hidden) is None
        assert resumable_runs(parent) == ()
        discard_run(hidden)


def test_copies_that_nothing_was_begun_with_are_removed_after_a_day(runs, stopped_run_folder):
    (stopped_run_folder / "data" / "1-noisy.facts.json").write_text("{}")
    old = leave(runs / "old", age=2 * DAY)
    young = leave(runs / "young", age=0.5 * DAY)
    by_hand = leave(runs / "by-hand", age=2 * DAY, copied=False)
    in_use = RunFolder(leave(runs / "in-use", age=2 * DAY))
    with in_use.in_use():
        remove_leftovers()
    assert not old.exists()
    assert all(folder.exists() for folder in (young, by_hand, in_use.path, stopped_run_folder))
