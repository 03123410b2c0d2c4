from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from CTDenoiseTrainLib.recipe.toml_file import recipe_from_text
from CTDenoiseTrainLib.runs.checkpoint_record import TENSORS_FILE, checkpoint_folders
from CTDenoiseTrainLib.runs.run_folder import RunFolder

# Fields of `TrainingOptions` with which the network leaves its start for good and never comes back.
RUINOUS = {"highest_rate": 30.0, "gradient_norm": 1e6, "warm_up_steps": 0, "averaging": 0.0}
# The images have 48 × 40 pixels.
TOO_LARGE = ("side = 16", "side = 64")


def command_to(what, answer):
    """The words of a command that was printed for the user to copy."""
    (line,) = (line for line in answer.out.splitlines() if line.startswith(what))
    return command_in(f"“{line.removeprefix(what)}”")


def command_in(sentence):
    """The words of the command that a sentence has in quotation marks."""
    program, *words = shlex.split(sentence.split("“")[1].split("”")[0])
    assert program == "ctdenoise"
    return words


def test_a_training_is_told_from_its_recipe_to_its_result(ctdenoise, write, runs):
    answer = ctdenoise("train", write())
    assert answer.code == 0
    recipe, told = answer.err.split("Run folder: ")
    assert recipe_from_text(recipe) == RunFolder(runs / "our-own").recipe()
    assert told.splitlines()[0] == str(runs / "our-own")
    header, *epochs = told[told.index("epoch   loss/HU²") :].splitlines()[:5]
    assert [line.split()[0] for line in epochs] == ["0", "1", "2", "3"]
    assert epochs[0].endswith("start")
    assert {len(line.partition("  best")[0].partition("  start")[0]) for line in epochs} == {len(header)}
    for expected in (
        "Input",
        "RMSE (HU)",
        "data range 2000 HU",
        "All 3 epochs are done.",
        "before_and_after.png",
        "Research use only.",
    ):
        assert expected in answer.out
    assert ".." not in answer.out


def test_the_result_is_kept_with_the_command_that_is_printed(ctdenoise, write):
    words = command_to("To keep it", ctdenoise("train", write()))
    assert "Kept as our-own" in ctdenoise(*words).out
    assert ctdenoise("models", "show", "our-own", "--json").content["title"] == "Ours"
    assert "already a model “our-own”" in ctdenoise(*words).sentence
    assert ctdenoise(*words, "--overwrite", "--title", "Newer", "--json").content["kept"] == "our-own"
    assert ctdenoise("models", "show", "our-own", "--json").content["title"] == "Newer"
    assert "lower-case letters" in ctdenoise(*words, "--name", "Our Own").sentence


def test_machines_get_one_object(ctdenoise, write, site):
    content = ctdenoise("train", write(), "--folder", site / "run", "--json").content
    assert (content["epochs"], content["complete"], content["kept"], content["run"]) == (
        *(3, True, None, str(site / "run")),
    )
    assert content["after"]["rmse"] > 0
    assert content["terms"]["data_range_hu"] == 2000


def test_a_second_training_of_the_same_name_has_a_folder_of_its_own(ctdenoise, write, runs):
    for _ in range(2):
        assert ctdenoise("train", write(epochs=1), "--json").code == 0
    assert sorted(run.name for run in runs.iterdir()) == ["our-own", "our-own-2"]


def test_a_folder_with_a_run_is_not_begun_in_again(ctdenoise, write, site):
    folder = site / "run"
    ctdenoise("train", write(epochs=1), "--folder", folder)
    sentence = ctdenoise("train", write(epochs=2), "--folder", folder).sentence
    words = command_in(sentence)
    assert words == ["train", "--resume", str(folder)]
    assert ctdenoise(*words, "--json").content["epochs"] == 1


def test_a_stop_is_saved_and_goes_on_to_the_same_numbers(ctdenoise, write, interrupt):
    whole = ctdenoise("train", write(), "--json")
    interrupt("on_epoch", epoch=1)
    stopped = ctdenoise("train", write())
    assert stopped.code == 130
    assert "Stopping: what is done is being saved." in stopped.err
    assert "Training was stopped" in stopped.out
    assert figures(ctdenoise(*command_to("To go on", stopped), "--json")) == figures(whole)


def test_a_stop_in_a_hurry_loses_what_came_after_the_checkpoint(ctdenoise, write, interrupt):
    interrupt("on_epoch", epoch=2, times=2)
    stopped = ctdenoise("train", write())
    assert (stopped.code, stopped.out) == (130, "")
    last = stopped.err.splitlines()[-1]
    assert last.startswith("Stopped; go on from the last checkpoint with “ctdenoise train --resume ")
    assert ctdenoise(*command_in(last), "--json").content["epochs"] == 3


@pytest.mark.parametrize("times", [1, 2])
def test_a_stop_before_the_first_step_leaves_nothing(ctdenoise, write, runs, interrupt, times):
    interrupt("on_note", times=times)
    stopped = ctdenoise("train", write())
    assert stopped.code == 130
    assert stopped.err.endswith("Stopped before the first step; nothing was written.\n")
    assert list(runs.iterdir()) == []


def test_machines_are_told_of_a_stop_and_what_is_not_complete_is_not_kept(ctdenoise, write, interrupt):
    interrupt("on_epoch", epoch=1)
    answer = ctdenoise("train", write(), "--keep", "--json")
    assert (answer.code, answer.content["complete"], answer.content["kept"]) == (130, False, None)


def test_a_complete_training_is_told_again(ctdenoise, write, runs):
    whole = ctdenoise("train", write(), "--json")
    again = ctdenoise("train", "--resume", runs / "our-own" / "recipe.toml", "--json")
    assert figures(again) == figures(whole)
    assert "This training is complete; there is nothing left to do." in again.content["notes"]


def test_batch_systems_begin_or_go_on_with_the_same_words(ctdenoise, write, site, interrupt):
    words = ("train", write(), "--folder", site / "run", "--resume", "--json")
    interrupt("on_epoch", epoch=1)
    assert [ctdenoise(*words).content["complete"] for _ in range(2)] == [False, True]
    write(epochs=5)
    assert "has another recipe" in ctdenoise(*words).content["error"]


def test_a_result_is_kept_at_the_end_if_asked_for(ctdenoise, write):
    content = ctdenoise("train", write(), "--keep", "--json").content
    assert content["kept"] == "our-own"
    assert "our-own" in ctdenoise("models", "list").out
    assert "There is a model “our-own” already" in ctdenoise("train", write(), "--keep").sentence


def test_a_result_no_better_than_its_input_is_not_kept_and_says_so(ctdenoise, write):
    answer = ctdenoise("train", write(epochs=1, **RUINOUS), "--keep")
    assert answer.code == 2
    assert "Note: No epoch was better than the input itself, so there is nothing to keep." in answer.err
    assert "ctdenoise keep" not in answer.out
    assert "our-own" not in ctdenoise("models", "list").out


def test_machines_are_told_why_it_is_not_kept(ctdenoise, write):
    answer = ctdenoise("train", write(epochs=1, **RUINOUS), "--keep", "--json")
    assert answer.code == 2
    assert (answer.content["better"], answer.content["kept"]) == (False, None)
    assert "nothing to keep" in answer.content["not_kept"]


def test_a_damaged_checkpoint_is_passed_over(ctdenoise, write, runs, interrupt):
    interrupt("on_epoch", epoch=2)
    ctdenoise("train", write())
    _, last = checkpoint_folders(RunFolder(runs / "our-own").checkpoints)
    damage(last)
    answer = ctdenoise("train", "--resume", runs / "our-own")
    assert answer.code == 0
    assert f"{last} is damaged" in answer.err


def test_nothing_but_damaged_checkpoints_is_the_end(ctdenoise, write, runs):
    ctdenoise("train", write(epochs=1))
    run = RunFolder(runs / "our-own")
    for folder in checkpoint_folders(run.checkpoints):
        damage(folder)
    (run.result / "result.json").unlink()
    answer = ctdenoise("train", "--resume", run.path)
    assert answer.code == 2
    assert "No older one can be read either" in answer.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("nowhere.toml",), "There is no recipe nowhere.toml"),
        (("images",), "images is a folder; name a recipe (.toml), or add --resume"),
        (("--resume", "images"), "There is no run in images"),
        (("--resume", "nowhere"), "There is no run in nowhere"),
        (("recipe.toml", "--folder", "images"), "which belongs to no run; choose another folder"),
        (("recipe.toml", "--folder", "recipe.toml"), "choose another place"),
    ],
)
def test_a_wrong_place_is_told(ctdenoise, write, monkeypatch, words, expected):
    monkeypatch.chdir(write().parent)
    Path("images").mkdir()
    Path("images", "of somebody else").touch()
    assert expected in ctdenoise("train", *words).sentence


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (("epochs = 3", "epoch = 3"), "unknown key “epoch”; did you mean “epochs”?"),
        (("epochs = 3", "epochs = 0"), "“training.epochs” is 0"),
        (("low.nrrd", "lower.nrrd"), "“data.cases[0].noisy” of the recipe: There is no "),
        (("low.nrrd", "."), "“data.cases[0].noisy” of the recipe: There is no image series among the "),
    ],
)
def test_a_wrong_recipe_is_told_and_leaves_nothing(ctdenoise, write, runs, alter, expected):
    assert expected in ctdenoise("train", write(alter=alter)).sentence
    assert not runs.exists()


def test_images_that_cannot_be_trained_with_leave_nothing(ctdenoise, write, runs):
    answer = ctdenoise("train", write(alter=TOO_LARGE))
    assert answer.code == 2
    assert "less than a patch of 64 × 64" in answer.err.splitlines()[-1]
    assert list(runs.iterdir()) == []


def test_a_folder_of_the_user_stays_when_training_cannot_begin(ctdenoise, write, site):
    (site / "run" / "data").mkdir(parents=True)
    assert ctdenoise("train", write(alter=TOO_LARGE), "--folder", site / "run").code == 2
    assert (site / "run" / "data").is_dir()


def figures(answer):
    """What does not depend on how often a training was stopped, and how long it took."""
    return {key: value for key, value in answer.content.items() if key not in ("run", "seconds", "notes")}


def damage(checkpoint: Path) -> None:
    tensors = checkpoint / TENSORS_FILE
    tensors.write_bytes(tensors.read_bytes()[:-1])
