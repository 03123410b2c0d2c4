"""One pass over a volume: an iterator that computes the next batch when the last one has been handed out."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor

from ..errors import Cancelled
from .predictor import NoisePredictor
from .results import DenoisedSection, DenoiseStatistics, Progress
from .sections import SectionSource


@dataclass(frozen=True)
class Request:
    """What a caller wants of a run; `Denoiser.sections` says what each means."""

    order: tuple[int, ...]
    strength: float
    on_progress: Callable[[Progress], None] | None
    cancelled: Callable[[], bool] | None


class DenoisingRun(Iterator[DenoisedSection]):
    """Hands out denoised sections one after the other, as `Denoiser.sections` was asked to."""

    def __init__(self, source: SectionSource, predictor: NoisePredictor, request: Request) -> None:
        self._source = source
        self._predictor = predictor
        self._request = request
        self._waiting = list(request.order)
        self._urgent = 0
        self._predicted: deque[tuple[int, Tensor]] = deque()
        self._start: float | None = None
        self._done = 0
        self._seconds = 0.0
        self._passed_through = 0

    def __next__(self) -> DenoisedSection:
        if self._start is None:
            self._start = time.perf_counter()
        if not self._predicted:
            self._predict_batch()
        index, noise = self._predicted.popleft()
        section = self._source.subtract(index, noise, strength=self._request.strength)
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

    @property
    def statistics(self) -> DenoiseStatistics:
        """Figures so far."""
        return DenoiseStatistics(
            sections=self._done,
            seconds=self._seconds,
            passed_through=self._passed_through,
            batch_size=self._predictor.batch_size,
            tiles=len(self._predictor.tiling),
            notes=tuple(self._predictor.notes),
        )

    def _predict_batch(self) -> None:
        largest = self._predictor.batch_size
        batch = self._waiting[: min(self._urgent, largest) or largest]
        if not batch:
            raise StopIteration
        self._check_cancelled()
        check = None if self._request.cancelled is None else self._check_cancelled
        noise = self._predictor.predict(self._source.windows(batch), check)
        del self._waiting[: len(batch)]
        self._urgent = max(0, self._urgent - len(batch))
        self._predicted.extend(zip(batch, noise, strict=True))

    def _check_cancelled(self) -> None:
        if self._request.cancelled is not None and self._request.cancelled():
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
