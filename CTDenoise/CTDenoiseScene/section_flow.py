"""Sections on their way through a run: from the input to the worker, and from the noise into the output."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from CTDenoiseLib.signal import Signal

from .input_feed import InputFeed
from .section_order import WorkOrder

if TYPE_CHECKING:
    from CTDenoiseLib.worker.job import Job

    from .strength import StrengthControl

# As far as a user scrolls at once. Blanks in all of a large volume would cost the disk as much as the result itself.
_BLANK_REACH = 32
# Of a view that cuts all sections, those in its middle will do.
_MOST_URGENT = 32
# Shown in the moment they arrive, not at the next tick; more of them in one message would hold up the window.
_MOST_AT_ONCE = 4


class SectionFlow:
    """Decides what to do next, one section at a time, and does it.

    Args:
        feed: Gives the worker its input.
        sections: To denoise.
        visible: Those on screen.

    Attributes:
        shown: Emits a section that the output now shows denoised.
        order: Sections still to be denoised, in the order in which the worker takes them.
        total: Number of sections to denoise.
        done: Number of those that are shown.
    """

    def __init__(self, feed: InputFeed, sections: Iterable[int], visible: tuple[int, ...]) -> None:
        self.shown: Signal[int] = Signal()
        self.order = WorkOrder(sections, visible)
        self.total = len(self.order)
        self.done = 0
        self._feed = feed
        self._visible = visible
        self._job: Job | None = None
        self._control: StrengthControl | None = None
        self._arrived: dict[int, None] = {}

    @property
    def has_arrivals(self) -> bool:
        """Whether sections wait to be shown."""
        return bool(self._arrived)

    def connect_worker(self, job: Job) -> None:
        """The worker has been asked for the sections."""
        self._job = job

    def send_first(self, *, context: int) -> None:
        """Give the worker what it needs for its first section. Errors as for `step`.

        Args:
            context: Sections to each side that the model looks at, as far as that is known.
        """
        self._feed.context = context
        first = tuple(islice(self.order, 1))
        while self._feed.copy_next(first):
            pass
        self.settle()

    def connect_output(self, control: StrengthControl, *, context: int) -> None:
        """There is an output, and it is known how many sections to each side the model looks at."""
        self._feed.context = context
        self._control = control
        control.blank_reach = _BLANK_REACH
        control.look_at(self._visible)

    def disconnect_worker(self) -> None:
        """Nothing more comes from the worker: what is not denoised by now stays blank."""
        self._job = None
        self._feed.discard()
        if self._control is not None:
            self._control.blank_reach = None
            self._control.look_at(self._visible)

    def disconnect_output(self) -> None:
        """There is no output to fill any more."""
        self._control = None
        self._arrived.clear()

    def look_at(self, visible: tuple[int, ...]) -> None:
        """These sections are on screen now.

        Raises:
            TemporaryFileError: The disk is full or fails.
        """
        self._visible = visible
        urgent = self.order.put_first(visible[:_MOST_URGENT])
        if urgent and self._job is not None:
            self._job.prioritise(urgent)
        if self._control is not None:
            self._control.look_at(visible)
            self._control.blank_on_screen()

    def arrive(self, section: int) -> None:
        """The noise of a section is there; shown at once if it is what the user looks at. Errors as for `step`."""
        self.order.strike_off(section)
        if self._control is not None:
            self._arrived[section] = None
            if section in self._visible[:_MOST_AT_ONCE]:
                self._show(section)
                self.settle()

    def step(self) -> bool:
        """Do one thing with one section, and say whether there was anything to do.

        Raises:
            CTDenoiseError: The input cannot be denoised, a node is gone, or the disk is full.
        """
        on_screen = next((index for index in self._visible if index in self._arrived), None)
        if on_screen is not None:
            self._show(on_screen)
        elif self._job is not None and self._feed.copy_next(self.order):
            pass
        elif self._arrived:
            self._show(next(iter(self._arrived)))
        else:
            return self._control is not None and self._control.step()
        return True

    def settle(self, *, everything: bool = False) -> None:
        """Tell worker and views what has been done; at the end `everything`, whatever the views show."""
        news = self._feed.news()
        if news and self._job is not None:
            self._job.feed(news)
        if self._control is not None:
            self._control.refresh(everything=everything, new_range=everything)

    def _show(self, section: int) -> None:
        del self._arrived[section]
        if self._control is not None:
            self._control.take(section)
            self.done += 1
            self.shown.emit(section)
