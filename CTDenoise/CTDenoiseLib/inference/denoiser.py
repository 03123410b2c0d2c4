"""A model on a backend that denoises volumes section by section."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..models.model import Model
from .backend import Backend
from .errors import DenoiseRequestError
from .execution import Execution, execution_of
from .graphics.streams import streams_of
from .lane import Lane
from .match import check_match
from .padding import padded_size
from .predictor import NoisePredictor
from .reader import SectionReader
from .results import Progress
from .run import DenoisingRun, Request
from .sectioned_volume import SectionedVolume
from .sections import SectionSource


class Denoiser:
    """Denoises with one model on one backend; making it loads the network onto the device.

    Args:
        model: Card and network; the network is copied, not changed.
        backend: Device and precision.
        batch_size: Sections at once. `None` takes what the free memory allows and the device has use for.

    Raises:
        DenoiseRequestError: A batch size below 1.

    Example:
        ```
        denoiser = Denoiser(ModelStore.default().load("hrcnn"), Backend.choose())
        for section in denoiser.sections(volume, strength=0.8):
            result[section.index] = section.output
        ```
    """

    def __init__(self, model: Model, backend: Backend, *, batch_size: int | None = None) -> None:
        if batch_size is not None and batch_size < 1:
            raise DenoiseRequestError(f"The batch size must be at least 1, not {batch_size}.")
        self.card = model.card
        self.backend = backend
        self._batch_size = batch_size
        self._executions = tuple((part, execution_of(model.network, part)) for part in backend.parts)

    @property
    def execution(self) -> Execution:
        """How the network is computed; of several devices on the first."""
        return self._executions[0][1]

    def sections(
        self,
        volume: SectionedVolume,
        *,
        strength: float = 1.0,
        order: Sequence[int] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> DenoisingRun:
        """Denoise section by section.

        Args:
            volume: Any matrix size and number of sections; beyond the first and last section they are repeated.
            strength: Share of the predicted noise that is subtracted, from 0 to 1.
            order: Indices of the sections to denoise, in this order, each once; `None` takes all from first to last.
            on_progress: Called before each section is handed out.
            cancelled: Asked many times a section, on a graphics processor in half precision before each batch; `True`
                ends the run with `Cancelled`.

        Returns:
            An iterator over `DenoisedSection`, which computes as it is asked and holds a few sections at a time. Of a
            `ReadyVolume` it is some ahead on graphics processors, and reads in a thread of its own.

        Raises:
            DenoiseRequestError: A strength outside 0–1, or an order that names no section or one twice.
            MismatchError: The volume says that it is of another modality than the model is made for.
            NotFiniteError: While iterating: a section holds NaN or infinity.
            NotEnoughMemoryError: While iterating: not even the smallest tiles fit into memory.
            Cancelled: While iterating.
        """
        check_match(self.card, volume)
        if not 0 <= strength <= 1:
            raise DenoiseRequestError(f"The strength must be between 0 and 1, not {strength}.")
        request = Request(_checked_order(order, volume.shape[0]), float(strength), on_progress, cancelled)
        return self._run(volume, request)

    def _run(self, volume: SectionedVolume, request: Request) -> DenoisingRun:
        stride = self.execution.stride
        rows, columns = (padded_size(side, multiple=stride) for side in volume.shape[1:])
        predictors = [
            NoisePredictor(execution, part, shape=(rows, columns), batch_size=self._batch_size)
            for part, execution in self._executions
        ]
        ways = [streams_of(part) for part, _ in self._executions]
        # What one batch wants: a device keeps it for its next batch, the reader for other devices.
        window = 2 * self.card.context + max(predictor.batch_size for predictor in predictors)
        reader = SectionReader(
            volume,
            self.card.hu_range,
            ways[0].memory,
            ahead=window if any(streams.batches_ahead for streams in ways) else 0,
            keep=window if len(ways) > 1 else 0,
        )
        lanes = [
            Lane(
                SectionSource(reader, self.card, part, streams, shape=volume.shape, stride=stride, keep=window),
                predictor,
                execution,
                batches_ahead=streams.batches_ahead,
            )
            for (part, execution), predictor, streams in zip(self._executions, predictors, ways, strict=True)
        ]
        return DenoisingRun(lanes, reader, request)


def _checked_order(order: Sequence[int] | None, sections: int) -> tuple[int, ...]:
    if order is None:
        return tuple(range(sections))
    indices = tuple(int(index) for index in order)
    for index in indices:
        if not 0 <= index < sections:
            raise DenoiseRequestError(
                f"The order names section {index}, but there are sections 0 to {sections - 1} only."
            )
    if not indices or len(set(indices)) < len(indices):
        raise DenoiseRequestError("The order must name at least one section, and each only once.")
    return indices
