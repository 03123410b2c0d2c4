"""Noise power spectra of images, for the terminal, the files and the plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...measure.errors import MeasurementError
from ...measure.image import MeasuredImage
from ...measure.measured import NotMeasurable
from ...measure.noise.nps import NoisePowerSpectrum, difference_nps
from ...measure.noise.nps_regions import NpsRegions, square_regions
from ...measure.noise.nps_table import SpectrumOrReason, compare_spectra, nps_curve_table, nps_table
from ...measure.record import MeasurementRecord
from ...measure.regions.places_table import places_table
from .answer import Findings
from .errors import OptionError
from .images import LoadedImage
from .regions import Regions
from .show_table import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DEFINITIONS = (
    "NPS after ICRU Report 87 and AAPM Report 233: its integral over all frequencies is the variance of the noise.",
    "Mean frequency is ∫f·NPS df / ∫NPS df of the curve; peak frequency that of a parabola through its highest part.",
    "Squares lie along rows and columns and overlap by half; uncertainties are standard uncertainties (k = 1).",
)
_OF_REPEATS = "Spectra are those of the difference of two scans, divided by √2."


def check_repeats(images: Sequence[str], repeats: Sequence[str]) -> tuple[str, ...]:
    """See that there is a repeated scan for each image, or for none.

    Raises:
        OptionError: There is for some.
    """
    if len(repeats) not in (0, len(images)):
        raise OptionError(
            f"There are {len(images)} images and {len(repeats)} repeats; give one --repeat for each image."
        )
    return tuple(repeats)


def noise_power_findings(
    loaded: Sequence[LoadedImage],
    regions: Regions,
    *,
    repeats: Sequence[LoadedImage],
    side: int | None,
    detrend: int | None,
) -> Findings:
    """Measure the noise power of images in the same squares.

    Args:
        loaded: The images; squares are laid in the first.
        regions: As asked for.
        repeats: A repeated scan of each image, or none.
        side: Of the squares in pixels; `None` for the largest of which enough fit.
        detrend: Order of the surface to subtract; `None` for what suits.

    Raises:
        MeasurementError: No square fits, or no image has a spectrum.
    """
    images = [each.image for each in loaded]
    shapes = regions.on(images[0])
    squares = square_regions([shape.shape for shape in shapes], images[0], side_pixels=side)
    order = detrend if detrend is not None else 0 if repeats else 2
    spectra: Sequence[SpectrumOrReason]
    if repeats:
        again = [each.image for each in repeats]
        spectra = [_of_repeats(squares, *pair, order) for pair in zip(images, again, strict=True)]
    else:
        spectra = compare_spectra(squares, images, detrend=order)
    names = [image.name for image in images]
    measured = [
        (name, spectrum)
        for name, spectrum in zip(names, spectra, strict=True)
        if isinstance(spectrum, NoisePowerSpectrum)
    ]
    if not measured:
        raise MeasurementError(" ".join(each.reason for each in spectra if isinstance(each, NotMeasurable)))
    table, curves = nps_table(names, spectra), nps_curve_table(*zip(*measured, strict=True))
    record = MeasurementRecord(
        images=tuple(each.identity for each in (*loaded, *repeats)),
        settings={
            "side of the squares in pixels": squares.side,
            "squares": len(squares.corners),
            "independent squares": squares.independent,
            "order of the surface subtracted": order,
            "difference of repeated scans": bool(repeats),
        },
        tables=(table, curves, places_table(shapes, axes="xyz")),
        notes=(*_DEFINITIONS, *([_OF_REPEATS] if repeats else [])),
    )

    def draw() -> Figure:
        from ...report.plot_nps import plot_noise_power

        return plot_noise_power(measured, squares, images[0])

    keys = ("image", "noise", "mean_frequency", "peak_frequency", "regions")
    return Findings(
        record=record,
        shown=[Shown(table, keys)],
        csv=curves,
        remarks=_remarks(names, spectra, squares),
        draw=draw,
    )


def _of_repeats(squares: NpsRegions, image: MeasuredImage, again: MeasuredImage, order: int) -> SpectrumOrReason:
    try:
        spectrum = difference_nps(
            squares.values(image).astype(np.float64),
            squares.values(again).astype(np.float64),
            pixel_spacing=squares.pixel_spacing,
            detrend=order,
            independent_regions=squares.independent,
        )
    except MeasurementError as problem:
        return NotMeasurable(str(problem))
    return replace(spectrum, warnings=squares.warnings + spectrum.warnings)


def _remarks(names: Sequence[str], spectra: Sequence[SpectrumOrReason], squares: NpsRegions) -> list[str]:
    """What is wrong with the squares once, what is with an image by its name."""
    about: dict[str, list[str]] = {}
    for name, spectrum in zip(names, spectra, strict=True):
        for sentence in (spectrum.reason,) if isinstance(spectrum, NotMeasurable) else spectrum.warnings:
            about.setdefault(sentence, []).append(name)
    return [sentence if len(of) == len(names) else f"{', '.join(of)}: {sentence}" for sentence, of in about.items()]
