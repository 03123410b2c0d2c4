from __future__ import annotations

import time

import pytest

from CTDenoiseLib.cli.stopwatch import Stopwatch


def slow(items):
    for item in items:
        time.sleep(0.02)
        yield item


def test_items_pass_and_the_time_they_are_waited_for_is_taken():
    waiting = Stopwatch(slow("abc"))
    assert "".join(waiting) == "abc"
    assert waiting.seconds >= 0.06


def test_what_is_done_with_an_item_is_not_counted():
    waiting = Stopwatch(iter("abc"))
    for _ in waiting:
        time.sleep(0.02)
    assert waiting.seconds < 0.02


def test_an_error_passes_and_its_time_counts():
    def fail():
        time.sleep(0.02)
        raise OSError("disk")
        yield

    waiting = Stopwatch(fail())
    with pytest.raises(OSError, match="disk"):
        next(waiting)
    assert waiting.seconds >= 0.02
