from __future__ import annotations

import pytest

from CTDenoiseTrainLib.training import pace as pace_module
from CTDenoiseTrainLib.training.pace import Interval, Pace


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test puts forward."""

    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(pace_module, "time", clock)
    return clock


def test_seconds_go_on_from_earlier_runs_and_leave_out_pauses(clock):
    pace = Pace(100.0)
    clock.now += 5
    with pace.pause():
        clock.now += 3600
    assert pace.seconds == 105


def test_validation_is_no_learning_and_a_pause_in_it_is_neither(clock):
    pace = Pace()
    clock.now += 4
    with pace.validation():
        clock.now += 2
        with pace.pause():
            clock.now += 3600
    pace.steps = 8
    assert pace.learning == 4
    # Half a second a step, two a validation.
    assert pace.remaining(steps=10, validations=3) == pytest.approx(5 + 6)


def test_interval_gives_the_pace_since_the_last_news(clock):
    pace = Pace()
    interval = Interval(pace)
    assert not interval.is_over(0.5)
    pace.steps, clock.now = 1, clock.now + 0.1
    assert interval.is_over(0.5)
    interval.take(waited=0.0)
    pace.steps, clock.now = 3, clock.now + 0.4
    assert not interval.is_over(0.5)
    pace.steps, clock.now = 5, clock.now + 0.4
    assert interval.is_over(0.5)
    assert interval.take(waited=0.2) == pytest.approx((5.0, 0.25))
