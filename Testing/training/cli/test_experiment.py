from __future__ import annotations

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from CTDenoiseTrainLib.experiments import catalogue
from support.tiny_experiment import TinyExperiment
from support.unprivileged import unprivileged_folder

CPU = ("--backend", "cpu", "--precision", "fp32")


@pytest.fixture
def tiny(monkeypatch) -> TinyExperiment:
    """The experiment that every name stands for."""
    experiment = TinyExperiment()
    monkeypatch.setattr(catalogue, "find_experiment", lambda _: experiment)
    return experiment


@pytest.fixture
def interrupted(monkeypatch):
    """Has the user press Ctrl-C when a part of the tiny experiment is about to be done for the first time."""

    def at(part: str) -> None:
        whole, done = getattr(TinyExperiment, part), []

        def interrupt(*arguments):
            if not done:
                done.append(part)
                signal.raise_signal(signal.SIGINT)
            return whole(*arguments)

        monkeypatch.setattr(TinyExperiment, part, interrupt)

    return at


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_tables_findings_and_files_are_told(ctdenoise, tiny, tmp_path):
    answer = ctdenoise("experiment", "tiny", "--output", tmp_path / "my folder", *CPU)
    assert answer.code == 0
    for expected in (
        "Levels",
        "Level [mm]",
        "30",
        "shown  There is noise. 30 HU.",
        "Nothing was measured.",
        "Research use",
    ):
        assert expected in answer.out
    assert f"{tmp_path / 'my folder' / 'result.json'}, {tmp_path / 'my folder' / 'result.md'}" in answer.out
    assert answer.err.splitlines() == ["noise", "network", "level"]
    assert {"result.json", "result.md", "losses.png"} <= files_in(tmp_path / "my folder")


def test_machines_get_one_object_with_the_content_of_the_file(ctdenoise, tiny, tmp_path):
    content = ctdenoise("experiment", "tiny", "--output", tmp_path / "out", *CPU, "--json").content
    assert (content["experiment"], content["scale"], content["folder"]) == ("tiny", "quick", str(tmp_path / "out"))
    assert content["tables"][0]["rows"][1] == {"what": "nothing", "level": None}
    assert content["findings"][0]["shown"] is True
    assert content["research_use_only"] is True


def test_the_folder_has_the_name_and_the_scale_by_default(ctdenoise, tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ctdenoise("experiment", "tiny", *CPU, "--json").content["folder"] == "tiny-quick"


def test_a_second_start_does_nothing_again(ctdenoise, tiny, tmp_path):
    words = ("experiment", "tiny", "--output", tmp_path / "out", *CPU)
    first, again = ctdenoise(*words), ctdenoise(*words)
    assert (again.code, again.err) == (0, "")
    assert again.out == first.out


@pytest.mark.parametrize("part", ["run", "batches"])
def test_a_stop_keeps_what_is_finished_and_says_how_to_go_on(ctdenoise, tiny, interrupted, tmp_path, part):
    interrupted(part)
    words = ("experiment", "tiny", "--output", tmp_path / "out", *CPU)
    stopped = ctdenoise(*words)
    assert (stopped.code, stopped.out) == (130, "")
    assert stopped.err.splitlines()[-1] == (
        f"Stopped; what is finished stays in “{tmp_path / 'out'}”, and the same command goes on from there."
    )
    assert "result.json" not in files_in(tmp_path / "out")
    assert ("noise.npz" in files_in(tmp_path / "out")) == (part == "batches")
    assert ctdenoise(*words).code == 0


def test_a_stop_before_the_folder_is_there_leaves_nothing(ctdenoise, tiny, interrupted, tmp_path):
    interrupted("configuration")
    stopped = ctdenoise("experiment", "tiny", "--output", tmp_path / "out", *CPU)
    assert (stopped.code, stopped.err) == (130, "Stopped; nothing was written.\n")
    assert not (tmp_path / "out").exists()


def test_machines_are_told_of_a_stop(ctdenoise, tiny, interrupted, tmp_path):
    interrupted("batches")
    answer = ctdenoise("experiment", "tiny", "--output", tmp_path / "out", *CPU, "--json")
    assert answer.code == 130
    assert answer.content["error"].startswith("Stopped; what is finished stays")


def test_an_unknown_name_is_one_sentence(ctdenoise, tmp_path):
    words = ("experiment", "huber", "--output", tmp_path / "out")
    assert ctdenoise(*words).sentence.endswith("Did you mean huber2020?")
    answer = ctdenoise(*words, "--json")
    assert (answer.code, list(answer.content)) == (2, ["error"])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--backend", "cuda:7"), "no device cuda:7"),
        (("--backend", "cuda:all"), "Training takes a process for each graphics processor"),
        (("--precision", "fp8"), "“fp8” names no precision"),
        (("--scale", "huge"), "huge"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_nothing(ctdenoise, tiny, tmp_path, words, expected):
    assert expected in ctdenoise("experiment", "tiny", "--output", tmp_path / "out", *words).sentence
    assert not (tmp_path / "out").exists()


def test_another_scale_in_the_same_folder_is_refused(ctdenoise, tiny, tmp_path):
    words = ("experiment", "tiny", "--output", tmp_path / "out", *CPU)
    ctdenoise(*words)
    assert (
        "begun otherwise (another configuration.steps_per_epoch, scale)"
        in ctdenoise(*words, "--scale", "paper").sentence
    )


def test_a_folder_of_something_else_is_left_alone(ctdenoise, tiny, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    for place in (tmp_path, tmp_path / "thesis.txt"):
        assert "name a new or empty folder" in ctdenoise("experiment", "tiny", "--output", place, *CPU).sentence
    assert files_in(tmp_path) == {"thesis.txt"}


def test_an_unwritable_place_is_one_sentence(ctdenoise, tiny):
    with unprivileged_folder() as folder:
        folder.chmod(0o500)
        words = ("experiment", "tiny", "--output", folder / "out", *CPU)
        assert "no permission to write" in ctdenoise(*words).sentence
        assert "no permission to write" in ctdenoise(*words, "--json").content["error"]
        assert files_in(folder) == set()


@pytest.mark.parametrize("part", ["numpy.savez", "safetensors.torch.save", "matplotlib.figure.Figure.savefig"])
def test_a_full_disk_is_one_sentence_and_the_next_start_goes_on(ctdenoise, tiny, tmp_path, monkeypatch, part):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    words = ("experiment", "tiny", "--output", tmp_path / "out", *CPU)
    with monkeypatch.context() as patch:
        patch.setattr(part, full)
        answer = ctdenoise(*words)
    assert (answer.code, answer.out) == (2, "")
    last = answer.err.splitlines()[-1]
    assert "disk is full" in last or "No space left on device" in last
    assert "result.json" not in files_in(tmp_path / "out")
    assert not [name for name in files_in(tmp_path / "out") if name.startswith(".ctdenoise")]
    assert ctdenoise(*words).code == 0


def test_without_scikit_image_it_says_what_to_install_and_a_wrong_name_waits_for_nothing(tmp_path):
    program = (
        "import sys; sys.modules['skimage'] = None\n"
        "from CTDenoiseLib.cli import main\n"
        "code = main(['experiment', 'asl', '--output', sys.argv[1]])\n"
        "del sys.modules['skimage']\n"
        "print(code, main(['experiment', 'nosuch']), 'torch' in sys.modules)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert ended.stdout == "2 2 False\n"
    lacks, unknown = ended.stderr.splitlines()
    assert lacks == (
        "An experiment needs packages that are not installed: scikit-image; install them with “pip install "
        "'ctdenoise[train]'”."
    )
    assert unknown.startswith("There is no experiment “nosuch”")
    assert not (tmp_path / "out").exists()
