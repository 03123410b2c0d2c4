from __future__ import annotations

import os
import subprocess
import sys

import pytest

from CTDenoiseLib import __version__

SLOW_TO_COME = ("torch", "numba", "matplotlib", "SimpleITK", "scipy.ndimage", "monai")
PROGRAM = "import sys; from CTDenoiseLib.cli import main; sys.exit(main())"


def test_the_version_is_printed(ctdenoise):
    assert ctdenoise("--version").out == f"ctdenoise {__version__}\n"


def test_without_words_the_help_lists_all_commands(ctdenoise):
    answer = ctdenoise()
    assert answer.code == 0
    for command in ("series", "run", "models", "devices", "sample"):
        assert command in answer.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("denoise",), "denoise"),
        (("run", "in"), "OUTPUT"),
        (("run", "in", "out", "--strength", "1.5"), "strength"),
        (("run", "in", "out", "--compression", "zip"), "compression"),
        (("series", "in", "--sharp"), "--sharp"),
    ],
)
def test_a_wrong_command_line_gets_one_line(ctdenoise, words, expected):
    sentence = ctdenoise(*words).sentence
    assert expected in sentence
    assert "\n" not in sentence


def test_machines_get_errors_as_json_too(ctdenoise, tmp_path):
    for words in (("series", tmp_path / "nowhere"), ("run", "in"), ("models", "show", "nosuch")):
        answer = ctdenoise(*words, "--json")
        assert answer.code == 2
        assert answer.err == ""
        assert answer.content["error"].endswith(".")


def test_devices_tell_what_auto_takes_and_why(ctdenoise):
    content = ctdenoise("devices", "--json").content
    assert content["devices"][-1]["name"] == "cpu"
    assert content["auto"]["device"] in {device["name"] for device in content["devices"]}
    answer = ctdenoise("devices")
    assert "auto: " in answer.out
    assert "taken because" in answer.out


def test_a_stop_by_the_user_ends_with_one_sentence_and_130(ctdenoise, monkeypatch, tmp_path):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("CTDenoiseLib.dicom.find.find_series", stopped)
    answer = ctdenoise("series", tmp_path)
    assert (answer.code, answer.out, answer.err) == (130, "", "Stopped; nothing was written.\n")


def test_a_defect_is_not_dressed_up_as_an_error_of_the_user(ctdenoise, monkeypatch, tmp_path):
    def defect(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("CTDenoiseLib.dicom.find.find_series", defect)
    with pytest.raises(ZeroDivisionError):
        ctdenoise("series", tmp_path)


def test_nothing_waits_for_what_it_does_not_need(tmp_path, make_ct_series):
    make_ct_series(tmp_path / "in")
    lines = (["--help"], ["series", "in"], ["models", "list"], ["sample", "nosuch", "out"], ["run", "nowhere", "out"])
    program = f"import sys; from CTDenoiseLib.cli import main; print([main(line) for line in {lines!r}])"
    ended = subprocess.run(
        [sys.executable, "-c", f"{program}; print([name for name in {SLOW_TO_COME} if name in sys.modules])"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        cwd=tmp_path,
    )
    assert ended.stdout.splitlines()[-2:] == ["[0, 0, 0, 2, 2]", "[]"]


def test_characters_that_the_terminal_lacks_are_escaped(tmp_path, make_ct_series):
    make_ct_series(tmp_path / "in")
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, "series", str(tmp_path / "in")],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert rb"Qr89 \xb7 1.00/1.00 mm" in ended.stdout
