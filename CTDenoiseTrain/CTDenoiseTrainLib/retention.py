"""How much contrast of small vessels a model leaves: they are drawn into a real series and looked for in the output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.models import Metric, Model
from CTDenoiseLib.volume import Volume

REACH_IN_DIAMETERS = 2


@dataclass(frozen=True)
class VesselSite:
    """Where vessels are drawn: uniform tissue of one section.

    Attributes:
        section: Index along z.
        centres: Rows and columns (y, x) of the vessels, in pixels, well apart.
        words: What and where it is, with its noise.
    """

    section: int
    centres: Sequence[tuple[int, int]]
    words: str


@dataclass(frozen=True)
class Vessel:
    """A vessel with a Gaussian profile.

    Attributes:
        diameter: Full width at half maximum in pixels.
        contrast: Peak over the tissue in HU.
    """

    diameter: float
    contrast: float


def retained_contrast(
    model: Model, volume: Volume, site: VesselSite, vessels: Sequence[Vessel], *, backend: Backend
) -> tuple[float, ...]:
    """Share of the contrast of drawn vessels that is left in the output.

    The vessels run along z. The output without them is subtracted from the output with them, and what is left is
    compared with what was drawn by least squares, so that noise and anatomy cancel.

    Args:
        model: The model.
        volume: A real, noisy series.
        site: Where.
        vessels: What is drawn, one kind after the other.
        backend: Device and precision.

    Returns:
        For each kind 1 when all of it is left, 0 when nothing is.
    """
    context = model.card.context
    indices = np.clip(np.arange(site.section - context, site.section + context + 1), 0, volume.shape[0] - 1)
    sections = np.asarray(volume.hu[indices])
    denoiser = Denoiser(model, backend)

    def output(hu: NDArray[np.float32]) -> NDArray[np.float32]:
        return next(denoiser.sections(replace(volume, hu=hu, padding=None), order=[context])).output

    without = output(sections)
    drawn = [_draw(vessel, site, sections.shape[1:]) for vessel in vessels]
    return tuple(
        float(((output(sections + picture) - without) * picture).sum() / np.square(picture).sum()) for picture in drawn
    )


def retention_metrics(
    model: Model, volume: Volume, site: VesselSite, vessels: Sequence[Vessel], *, backend: Backend
) -> tuple[Metric, ...]:
    """Retained contrast of several kinds of vessels, as a model card states it."""
    pixel = volume.geometry.spacing[2]
    kept = retained_contrast(model, volume, site, vessels, backend=backend)
    return tuple(
        Metric(
            name=f"retained contrast of vessels, {vessel.diameter * pixel:.1f} mm, {vessel.contrast:g} HU",
            value=round(100 * share),
            unit="%",
            data=site.words,
            note=f"Drawn Gaussian vessels along z, {vessel.diameter:g} pixels wide at half maximum.",
        )
        for vessel, share in zip(vessels, kept, strict=True)
    )


def _draw(vessel: Vessel, site: VesselSite, shape: tuple[int, ...]) -> NDArray[np.float32]:
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = np.zeros(shape)
    for row, column in site.centres:
        square = (y - row) ** 2 + (x - column) ** 2
        profile = vessel.contrast * np.exp(-4 * np.log(2) * square / vessel.diameter**2)
        picture += np.where(square <= (REACH_IN_DIAMETERS * vessel.diameter) ** 2, profile, 0)
    return picture.astype(np.float32)
