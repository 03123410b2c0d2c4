"""One device at work for a run: sections come to it, go through the network and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .execution import Execution
from .predictor import NoisePredictor
from .sections import PendingSection, SectionSource


class Lane:
    """Computes batches in the order in which they are started.

    Args:
        source: Brings sections to the device.
        predictor: Of the noise.
        execution: What the predictor computes with.
        batches_ahead: See `Streams`.

    Attributes:
        started: Batches started so far.
    """

    def __init__(
        self, source: SectionSource, predictor: NoisePredictor, execution: Execution, *, batches_ahead: int
    ) -> None:
        self._source = source
        self._predictor = predictor
        self._execution = execution
        self.batches_ahead = batches_ahead
        self.started = 0
        self._at_work: list[PendingSection] = []

    @property
    def batch_size(self) -> int:
        """Sections to start at once."""
        return self._predictor.batch_size

    @property
    def tiles(self) -> int:
        """Tiles that each section is divided into."""
        return len(self._predictor.tiling)

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be done differently, a sentence each."""
        return (*self._execution.notes, *self._predictor.notes)

    @property
    def at_work(self) -> int:
        """Batches started of which the results are not there."""
        self._at_work = [last for last in self._at_work if not last.delivery.has_arrived]
        return len(self._at_work)

    def lacks(self, batch: Sequence[int]) -> list[int]:
        """Sections that a batch wants to be read."""
        return self._source.lacks(batch)

    def start(self, batch: Sequence[int], *, strength: float, check: Callable[[], None] | None) -> list[PendingSection]:
        """Denoise some sections; where the device computes by itself, this returns before it has.

        Args:
            batch: Indices of at most `batch_size` sections.
            strength: Share of the noise that is subtracted.
            check: Called between parts of the work; what it raises ends it.
        """
        windows, sections = self._source.windows(batch)
        noise = self._predictor.predict(windows, check)
        pending = [
            self._source.subtract(index, section, scaled, strength=strength)
            for index, section, scaled in zip(batch, sections, noise, strict=True)
        ]
        self.started += 1
        self._at_work.append(pending[-1])
        return pending
