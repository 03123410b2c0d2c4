"""Patches of low and full dose that the networks learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.volume import Acquisition, Geometry

from ...pairs.batch import Batch, BatchSource
from ...pairs.direct_case import DirectCase
from ...pairs.patch_source import PatchSource
from ...pairs.source_case import CaseDescription
from ...pairs.split import CasePart
from ...pairs.volume_cache import StoredVolume
from .settings import Settings


@dataclass(frozen=True)
class _InTurn:
    """The first pairs of a source, over and over; a `BatchSource`."""

    source: BatchSource
    count: int

    def draw(self, numbers: Sequence[int]) -> Batch:
        """The pairs of these numbers, counted on from the first when all have been drawn."""
        return self.source.draw([number % self.count for number in numbers])


def dose_patches(
    low: NDArray[np.float32], full: NDArray[np.float32], *, pixel_mm: float, settings: Settings
) -> BatchSource:
    """Patches of one patient.

    Args:
        low: HU at low dose, shape (n, y, x).
        full: HU of the same sections at full dose.
        pixel_mm: Side of a pixel.
        settings: How many, and how they are drawn.

    Raises:
        DataError: The sections are smaller than a patch, or show no body.
    """
    description = CaseDescription(
        name="the training chest",
        patient="training chest",
        geometry=Geometry(spacing=(5.0, pixel_mm, pixel_mm)),
        acquisition=Acquisition(),
        noise_hu=None,
    )
    case = DirectCase(description, noisy=StoredVolume(low), clean=StoredVolume(full), options=settings.patches)
    part = CasePart(case, tuple(range(len(low))))
    source = PatchSource([part], settings.patches, context=0, seed=settings.seed, threads=1)
    return _InTurn(source, settings.patch_count)
