"""How long the event loop of Qt is kept busy at a stretch: a timer that notes when it was late."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer

INTERVAL_MS = 2
TOLERATED_SECONDS = 0.05


@dataclass(frozen=True)
class Gap:
    """From one beat to the next.

    Attributes:
        seconds: How long.
        own_seconds: What the thread of the event loop computed meanwhile; the rest of the time it waited, mostly for a
            processor that others had.
        drawing_seconds: What the views took that were drawn meanwhile.
    """

    seconds: float
    own_seconds: float
    drawing_seconds: float

    @property
    def beside_drawing(self) -> float:
        """Seconds for all else."""
        return self.seconds - self.drawing_seconds


_NONE = Gap(0.0, 0.0, 0.0)


@dataclass
class Gaps:
    """What is worth knowing of the gaps of a stretch of time. They are not kept, so that they cost nothing themselves.

    Attributes:
        longest: The longest one.
        longest_beside_drawing: The longest one if drawing took no time.
        most_computing: The one in which the thread of the event loop computed most.
        too_long: How many were longer than a user may notice.
        too_long_beside_drawing: How many would have been if drawing took no time.
    """

    longest: Gap = _NONE
    longest_beside_drawing: Gap = _NONE
    most_computing: Gap = _NONE
    too_long: int = 0
    too_long_beside_drawing: int = 0

    def add(self, gap: Gap) -> None:
        """Take one more into account."""
        self.longest = max(self.longest, gap, key=lambda each: each.seconds)
        self.longest_beside_drawing = max(self.longest_beside_drawing, gap, key=lambda each: each.beside_drawing)
        self.most_computing = max(self.most_computing, gap, key=lambda each: each.own_seconds)
        self.too_long += gap.seconds > TOLERATED_SECONDS
        self.too_long_beside_drawing += gap.beside_drawing > TOLERATED_SECONDS


class Heartbeat:
    """Beats as long as the event loop lets it.

    Args:
        seconds_drawn: Tells how long the drawing of all views has taken so far.
    """

    def __init__(self, seconds_drawn: Callable[[], float]) -> None:
        self._seconds_drawn = seconds_drawn
        self._gaps = Gaps()
        self._last = self._now()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin; what happens before the first beat counts, too."""
        self._gaps = Gaps()
        self._last = self._now()
        self._timer.start(INTERVAL_MS)

    def stop(self) -> Gaps:
        """End, and tell all gaps since `start`."""
        self._beat()
        self._timer.stop()
        return self._gaps

    def _beat(self) -> None:
        now = self._now()
        self._gaps.add(Gap(*(after - before for after, before in zip(now, self._last, strict=True))))
        self._last = now

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.thread_time(), self._seconds_drawn()
