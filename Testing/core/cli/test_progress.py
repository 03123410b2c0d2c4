from __future__ import annotations

import io

import pytest
from rich.console import Console

from CTDenoiseLib.cli import progress
from CTDenoiseLib.cli.progress import in_words, run_progress
from CTDenoiseLib.inference import Progress


@pytest.fixture
def screen(monkeypatch):
    """What a terminal of 100 columns would get."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, _environ={"TERM": "xterm"})
    monkeypatch.setattr(progress, "error_terminal", lambda: console)
    return screen


def show(*, silent):
    with run_progress(silent=silent) as shown:
        shown.step("Reading")
        shown.step("Denoising", total=143)
        shown.advance(Progress(done=50, total=143, sections_per_second=1.5, seconds_remaining=62.0))


def test_a_terminal_shows_step_count_rate_and_remaining_time(screen):
    show(silent=False)
    for expected in ("Denoising", "50/143", "1.50 slices/s", "1 min 2 s left"):
        assert expected in screen.getvalue()


def test_machines_are_shown_nothing(screen):
    show(silent=True)
    assert screen.getvalue() == ""


def test_what_is_no_terminal_is_shown_nothing(capsys):
    show(silent=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599.6, "1 h 0 min"), (7800, "2 h 10 min")]
)
def test_durations_are_said_in_words(seconds, words):
    assert in_words(seconds) == words
