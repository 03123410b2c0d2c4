"""The pump of the panel: a timer that lets pending works go on for a few milliseconds, and stops when none is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt

Work = Callable[[float], bool]

INTERVAL_MS = 10
# For each work; it takes at most one section more. Of the works of the panel hardly more than one is busy at a time, so
# that a beat stays well below the 50 ms that a user would notice.
BUDGET_SECONDS = 0.01


class Heartbeat:
    """Calls works in turn while any of them has more to do.

    Args:
        parent: Qt object that the timer dies with.
        works: Each is given a budget in seconds and says whether it wants to be called again.
    """

    def __init__(self, parent: Any, *works: Work) -> None:
        self._works = works
        self._timer = qt.QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._beat)

    def wake(self) -> None:
        """Go on; to be called when there may be something to do again."""
        if not self._timer.isActive():
            self._timer.start(INTERVAL_MS)

    def stop(self) -> None:
        """Do nothing more until the next `wake`."""
        self._timer.stop()

    def _beat(self, *_args: object) -> None:
        # All are called before any is asked whether it has more to do: one must not starve the others.
        pending = [work(BUDGET_SECONDS) for work in self._works]
        if any(pending):
            self.wake()
