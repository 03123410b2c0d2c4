"""One pass over a volume: an iterator that computes the next batch when the last one has been handed out.

Where devices compute by themselves, batches are started ahead of their turn: while one is computed, the sections of the
next are read and sent to the device, and the results of the one before come back.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from ..errors import Cancelled
from .lane import Lane
from .reader import SectionReader
from .results import DenoisedSection, DenoiseStatistics, Progress
from .sections import PendingSection


@dataclass(frozen=True)
class Request:
    """What a caller wants of a run; `Denoiser.sections` says what each means."""

    order: tuple[int, ...]
    strength: float
    on_progress: Callable[[Progress], None] | None
    cancelled: Callable[[], bool] | None


@dataclass(frozen=True)
class _Batch:
    """Sections that were started together, and what came of it: an error is told when their turn comes."""

    indices: tuple[int, ...]
    pending: Sequence[PendingSection] = ()
    error: Exception | None = None


class DenoisingRun(Iterator[DenoisedSection]):
    """Hands out denoised sections one after the other, as `Denoiser.sections` was asked to.

    Args:
        lanes: Devices that share the work, one or more.
        reader: That the lanes get their sections from.
        request: What the caller wants.
    """

    def __init__(self, lanes: Sequence[Lane], reader: SectionReader, request: Request) -> None:
        self._lanes = lanes
        self._reader = reader
        self._request = request
        self._waiting = list(request.order)
        self._urgent = 0
        self._ahead: list[_Batch] = []
        self._at_hand: deque[PendingSection] = deque()
        self._start: float | None = None
        self._done = 0
        self._seconds = 0.0
        self._passed_through = 0

    def __next__(self) -> DenoisedSection:
        if self._start is None:
            self._start = time.perf_counter()
        if not self._at_hand:
            self._at_hand.extend(self._next_batch())
        section = self._at_hand.popleft().result()
        self._done += 1
        self._passed_through += section.passed_through
        self._seconds = time.perf_counter() - self._start
        self._report()
        return section

    def prioritise(self, sections: Sequence[int]) -> None:
        """Have some sections next, in this order and in a batch of their own; those not waiting are left out.

        They follow when the batch at work is handed out. To be called between two sections, by who iterates.
        """
        waiting = set(self._waiting)
        urgent = [section for section in dict.fromkeys(sections) if section in waiting]
        rest = waiting.difference(urgent)
        self._waiting = urgent + [section for section in self._waiting if section in rest]
        self._urgent = len(urgent)
        self._ahead = [batch for batch in self._ahead if rest.issuperset(batch.indices)]

    def close(self) -> None:
        """Stop reading ahead. A run that came to its end or was cancelled is closed."""
        self._reader.close()

    @property
    def statistics(self) -> DenoiseStatistics:
        """Figures so far."""
        return DenoiseStatistics(
            sections=self._done,
            seconds=self._seconds,
            passed_through=self._passed_through,
            batch_size=max(lane.batch_size for lane in self._lanes),
            tiles=max(lane.tiles for lane in self._lanes),
            notes=tuple(dict.fromkeys(note for lane in self._lanes for note in lane.notes)),
        )

    def _next_batch(self) -> Sequence[PendingSection]:
        if not self._waiting:
            self.close()
            raise StopIteration
        self._check_cancelled()
        batch = self._due()
        if batch.error is not None:
            raise batch.error
        is_urgent = self._urgent > 0
        del self._waiting[: len(batch.indices)]
        self._urgent = max(0, self._urgent - len(batch.indices))
        # Somebody waits for urgent sections: they are handed out before anything else is started.
        if not is_urgent:
            self._look_ahead()
        return batch.pending

    def _due(self) -> _Batch:
        """The batch whose turn it is: started before, or now."""
        for place, batch in enumerate(self._ahead):
            if batch.indices[0] == self._waiting[0]:
                return self._ahead.pop(place)
        lane = self._free_lane()
        return self._started(self._not_started(lane), lane)

    def _look_ahead(self) -> None:
        """Start batches before their turn, and have the sections read that the one after them wants."""
        while not any(batch.error for batch in self._ahead):
            lane = self._free_lane()
            following = self._not_started(lane)
            wanted = lane.lacks(following)
            if not following or len(self._ahead) >= sum(lane.batches_ahead for lane in self._lanes):
                self._reader.expect(wanted)
                return
            if not self._reader.are_there(wanted):
                return
            try:
                self._ahead.append(self._started(following, lane))
            except Exception as error:
                self._ahead.append(_Batch(following, error=error))

    def _started(self, indices: tuple[int, ...], lane: Lane) -> _Batch:
        self._reader.expect(lane.lacks(indices))
        check = None if self._request.cancelled is None else self._check_cancelled
        try:
            return _Batch(indices, lane.start(indices, strength=self._request.strength, check=check))
        except Exception:
            # What could not be read is read anew when it is wanted again.
            self._reader.expect(())
            raise

    def _free_lane(self) -> Lane:
        """The device with the least to do; of several the one that has done least."""
        return min(self._lanes, key=lambda lane: (lane.at_work, lane.started))

    def _not_started(self, lane: Lane) -> tuple[int, ...]:
        """The first sections in the order that are in no batch yet, as many as the lane takes at once."""
        started = {index for batch in self._ahead for index in batch.indices}
        place = sum(1 for _ in takewhile(started.__contains__, self._waiting))
        urgent = max(0, self._urgent - place)
        candidates = self._waiting[place : place + (min(urgent, lane.batch_size) or lane.batch_size)]
        return tuple(takewhile(lambda index: index not in started, candidates))

    def _check_cancelled(self) -> None:
        if self._request.cancelled is not None and self._request.cancelled():
            self.close()
            raise Cancelled(f"Denoising was cancelled after {self._done} of {len(self._request.order)} sections.")

    def _report(self) -> None:
        if self._request.on_progress is None:
            return
        statistics, total = self.statistics, len(self._request.order)
        self._request.on_progress(
            Progress(
                done=self._done,
                total=total,
                sections_per_second=statistics.sections_per_second,
                seconds_remaining=(total - self._done) * self._seconds / self._done,
                notes=statistics.notes,
            )
        )
