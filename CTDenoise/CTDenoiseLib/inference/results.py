"""What a run hands out: denoised sections, its progress, and at the end its figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class DenoisedSection:
    """One section.

    Attributes:
        index: Its place in the volume.
        output: HU, float32, shape (y, x): input minus strength times noise.
        noise: Predicted noise at full strength in HU, float32, shape (y, x); 0 where the input passed through.
        passed_through: Voxels left unchanged because they are padding or outside the range of HU that the model saw.
    """

    index: int
    output: NDArray[np.float32]
    noise: NDArray[np.float32]
    passed_through: int


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        done: Sections denoised.
        total: Sections in all.
        sections_per_second: Mean so far, the caller's own work between sections included.
        seconds_remaining: At that rate.
        notes: What the run had to do differently so far, a sentence each (see `DenoiseStatistics`).
    """

    done: int
    total: int
    sections_per_second: float
    seconds_remaining: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DenoiseStatistics:
    """Figures of a run, so far or at its end.

    Attributes:
        sections: Sections denoised.
        seconds: From the first section asked for to the last one handed out.
        passed_through: Voxels left unchanged in all.
        batch_size: Sections that went through the network at once, last.
        tiles: Tiles that each section was divided into, last; 1 means whole sections.
        notes: Each time memory forced smaller batches or tiles, a sentence.
    """

    sections: int
    seconds: float
    passed_through: int
    batch_size: int
    tiles: int
    notes: tuple[str, ...]

    @property
    def sections_per_second(self) -> float:
        """Mean rate; 0 before the first section."""
        return self.sections / self.seconds if self.seconds > 0 else 0.0
