from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from CTDenoiseTrainLib.cli import command_line
from CTDenoiseTrainLib.cli.needed_packages import check_needed_packages

COMMANDS = ("noise-maps", "train", "finetune", "keep", "evaluate", "experiment")


def commands_without(modules, lines):
    """What commands print in one process of their own to which some modules are not installed, and their codes."""
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({modules!r}))\n"
        "from CTDenoiseLib.cli import main\n"
        f"print([main(line) for line in {lines!r}], 'torch' in sys.modules)\n"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_is_short_and_has_no_stop_after_a_stop(ctdenoise, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "100")
    text = ctdenoise(command, "--help").out
    assert re.search(r"\.[.,;]\s", text.replace("...", "")) is None
    assert len(text.splitlines()) < 70
    assert command in ctdenoise("--help").out


def test_without_the_packages_of_training_everything_else_works_and_training_says_what_it_lacks(site, write, tmp_path):
    low, output = str(site / "low.nrrd"), str(tmp_path / "maps")
    ended = commands_without(
        ("tomli_w", "tensorboardX", "monai", "skimage"),
        [
            ["--help"],
            ["models", "list"],
            ["evaluate", "tiny", "--noisy", low, "--sections", "1"],
            ["noise-maps", low, "--method", "adjacent-sections", "--output", output],
            ["train", str(write())],
            ["finetune", "tiny", "--noisy", low],
            ["keep", str(site)],
        ],
    )
    assert ended.stdout.splitlines()[-1].startswith("[0, 0, 0, 0, 2, 2, 2]")
    lacks = [line for line in ended.stderr.splitlines() if "not installed" in line]
    assert (
        lacks
        == [
            "Training needs packages that are not installed: tomli-w, tensorboardX; install them with “pip install "
            "'ctdenoise[train]'”."
        ]
        * 3
    )


def test_what_is_there_is_not_asked_for():
    check_needed_packages()


def test_nothing_that_can_be_wrong_before_waits_for_torch(site, write):
    low = str(site / "low.nrrd")
    ended = commands_without(
        (),
        [
            ["train", "nowhere.toml"],
            ["train", str(write("1.toml", alter=("epochs = 3", "epoch = 3")))],
            ["train", str(write("2.toml", alter=("low.nrrd", "lower.nrrd")))],
            ["train", str(write("3.toml", alter=('"our-own"', '"tiny"'))), "--keep"],
            ["train", "--resume", str(site)],
            ["finetune", "nosuch", "--noisy", low],
            ["finetune", "tiny", "--noisy", "nowhere"],
            ["keep", str(site)],
            ["noise-maps", low, "--output", str(site)],
            ["evaluate", "nosuch", "--noisy", low],
        ],
    )
    assert ended.stdout == "[2, 2, 2, 2, 2, 2, 2, 2, 2, 2] False\n"
    assert len(ended.stderr.splitlines()) == 10


def test_processes_of_torchrun_need_to_be_told_their_folder(ctdenoise, write, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert "name it with --folder" in ctdenoise("train", write()).sentence
    monkeypatch.setenv("RANK", "1")
    other = ctdenoise("train", write())
    assert (other.code, other.out, other.err) == (2, "", "")


def test_two_processes_train_one_model_and_one_of_them_tells(site, write):
    program = "import sys; from CTDenoiseLib.cli import main; sys.exit(main())"
    script = site / "ctdenoise.py"
    script.write_text(program)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", script]
    words = ["train", write(epochs=1), "--folder", site / "run", "--keep"]
    ended = subprocess.run(
        [*map(str, command), *map(str, words)], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("Kept as") == 1
    assert len(re.findall(r"^    1 ", ended.stderr, re.MULTILINE)) == 1


def test_commands_to_copy_hold_any_path(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    line = command_line.command_line("keep", "/tmp/it's our run")
    assert shlex.split(line) == ["ctdenoise", "keep", "/tmp/it's our run"]
    monkeypatch.setattr(sys, "platform", "win32")
    assert command_line.command_line("keep", r"C:\our run") == r'ctdenoise keep "C:\our run"'
