"""What a run will cost, before it is begun: seconds and memory from matrix, number of sections, model and device."""

from __future__ import annotations

from dataclasses import dataclass

from .backend import Backend
from .denoiser import Denoiser
from .execution import Execution
from .memory import PLANNED_SHARE, free_memory
from .network_work import NetworkWork, work_of
from .padding import padded_size
from .predictor import NoisePredictor
from .reference_machine import Coefficients, coefficients
from .tiles import Tiling, tilings

_FLOAT32_BYTES = 4


@dataclass(frozen=True)
class Pace:
    """How fast a device is.

    Attributes:
        value: Seconds that it takes for what the reference machine does in one.
        from_last_run: Whether a run with the model in question told it, rather than a calibration.
    """

    value: float
    from_last_run: bool = False


@dataclass(frozen=True, kw_only=True)
class ExpectedCost:
    """What a run will cost.

    Attributes:
        sections: How many.
        seconds_per_section: When the model is loaded and at work.
        memory_bytes: What the run takes at most on its device, or on each of them, beyond the volumes that go in and
            come out.
        from_last_run: Whether the last run with this model on this device told the time, rather than a calibration.
    """

    sections: int
    seconds_per_section: float
    memory_bytes: int
    from_last_run: bool

    @property
    def seconds(self) -> float:
        """For all sections."""
        return self.sections * self.seconds_per_section


def expected(denoiser: Denoiser, *, shape: tuple[int, int, int], pace: Pace) -> ExpectedCost:
    """Foretell time and memory of a run with the memory that is free now.

    Padding, tiles and batches are those that the run itself would choose.

    Args:
        denoiser: A model on a device.
        shape: Sections, rows and columns.
        pace: Of the device, see `calibration.pace_of`.
    """
    card, execution, backend = denoiser.card, denoiser.execution, denoiser.backend.parts[0]
    sections, *sides = shape
    rows, columns = (padded_size(side, multiple=execution.stride) for side in sides)
    tiling = _tiling(execution, backend, rows, columns)
    batch = 1
    if len(tiling) == 1:
        batch = NoisePredictor(execution, backend, shape=(rows, columns), batch_size=None).batch_size
    network = work_of(card.network)
    reference = section_seconds(network, coefficients(backend.precision), pixels=rows * columns, read=tiling.work)
    kept = 2 * card.context + batch
    return ExpectedCost(
        sections=sections,
        seconds_per_section=pace.value * reference,
        memory_bytes=round(
            network.parameters * backend.dtype.itemsize
            + execution.bytes_per_pixel * tiling.pixels * batch
            # HU and scaled values of each section that is kept.
            + kept * 2 * _FLOAT32_BYTES * rows * columns
        ),
        from_last_run=pace.from_last_run,
    )


def _tiling(execution: Execution, backend: Backend, rows: int, columns: int) -> Tiling:
    """What a run would begin with; unlike `NoisePredictor` without a word about it."""
    ladder = tilings(rows, columns, halo=execution.receptive_radius, stride=execution.stride)
    budget = PLANNED_SHARE * free_memory(backend.device)
    return next((tiling for tiling in ladder if execution.bytes_per_pixel * tiling.pixels <= budget), ladder[-1])


def section_seconds(network: NetworkWork, costs: Coefficients, *, pixels: int, read: int | None = None) -> float:
    """Time for one section on the machine that the coefficients belong to.

    Args:
        network: Work for each pixel.
        costs: Of each piece of work.
        pixels: Of the padded section.
        read: Pixels that the network is given in all its tiles; those of the section by default.
    """
    work = network.flop * costs.flop + network.values * costs.value
    return work * (pixels if read is None else read) + costs.pixel * pixels + costs.layer * network.layers
