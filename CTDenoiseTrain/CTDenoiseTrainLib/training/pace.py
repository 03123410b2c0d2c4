"""How fast a training is, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """Times of a training in this run; pauses do not count.

    Attributes:
        steps: Done in this run.
    """

    def __init__(self, seconds_before: float = 0.0) -> None:
        """Start the clock.

        Args:
            seconds_before: Of earlier runs of the training.
        """
        self._seconds_before = seconds_before
        self._started = time.monotonic()
        self._validating = 0.0
        self._validations = 0
        self._paused = 0.0
        self.steps = 0

    @property
    def seconds(self) -> float:
        """Since the training began, in all runs together."""
        return self._seconds_before + time.monotonic() - self._started - self._paused

    @property
    def learning(self) -> float:
        """Seconds spent on the steps of this run."""
        return self.seconds - self._seconds_before - self._validating

    def remaining(self, *, steps: int, validations: int) -> float:
        """Seconds that so many steps and validations will take, at the mean pace of this run."""
        a_step = self.learning / max(1, self.steps)
        a_validation = self._validating / max(1, self._validations)
        return steps * a_step + validations * a_validation

    @contextmanager
    def validation(self) -> Iterator[None]:
        """Time the block as a validation."""
        started, paused = time.monotonic(), self._paused
        yield
        self._validating += time.monotonic() - started - (self._paused - paused)
        self._validations += 1

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Do not count the block."""
        started = time.monotonic()
        try:
            yield
        finally:
            self._paused += time.monotonic() - started


class Interval:
    """The stretch of a training since something was told last."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._steps = pace.steps
        self._learning = pace.learning
        self._waited = 0.0

    def is_over(self, seconds: float) -> bool:
        """Whether so much time was spent on steps; the first step of the run is a stretch of its own."""
        if self._pace.steps == self._steps:
            return False
        return self._steps == 0 or self._pace.learning - self._learning >= seconds

    def take(self, waited: float) -> tuple[float, float]:
        """End the stretch and begin the next.

        Args:
            waited: Seconds that the network had to wait for pairs since the run began.

        Returns:
            Steps a second, and the share of the time that was spent waiting, 0 to 1.
        """
        seconds = max(self._pace.learning - self._learning, 1e-9)
        steps_per_second = (self._pace.steps - self._steps) / seconds
        share = min(1.0, (waited - self._waited) / seconds)
        self._steps, self._learning, self._waited = self._pace.steps, self._pace.learning, waited
        return steps_per_second, share
