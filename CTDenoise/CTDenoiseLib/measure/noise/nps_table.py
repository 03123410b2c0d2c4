"""Noise power spectra of several images in the same squares, and their tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from ..errors import MeasurementError
from ..image import MeasuredImage
from ..measured import NotMeasurable
from ..result_table import Cell, Column, ResultTable
from .nps import NoisePowerSpectrum
from .nps_regions import NpsRegions

SpectrumOrReason: TypeAlias = NoisePowerSpectrum | NotMeasurable


def compare_spectra(
    regions: NpsRegions, images: Sequence[MeasuredImage], *, detrend: int = 2
) -> tuple[SpectrumOrReason, ...]:
    """Noise power spectrum of each image in the same squares, or why it has none.

    Args:
        regions: The squares.
        images: HU on the grid of the squares.
        detrend: Order of the polynomial to subtract from each square.
    """
    return tuple(_spectrum(regions, image, detrend) for image in images)


def nps_table(names: Sequence[str], spectra: Sequence[SpectrumOrReason]) -> ResultTable:
    """Table of noise, mean and peak frequency, one row for each image.

    Args:
        names: Of the images.
        spectra: Of each, or the reason why there is none.
    """
    columns = (
        Column("image", "Image"),
        Column("noise", "Noise", "HU"),
        Column("variance", "Variance", "HU²"),
        Column("mean_frequency", "Mean frequency", "mm⁻¹"),
        Column("peak_frequency", "Peak frequency", "mm⁻¹"),
        Column("regions", "Squares"),
        Column("remarks", "Remarks"),
    )
    rows = tuple((name, *_row(spectrum)) for name, spectrum in zip(names, spectra, strict=True))
    return ResultTable("Noise power spectrum", columns, rows)


def nps_curve_table(names: Sequence[str], spectra: Sequence[NoisePowerSpectrum]) -> ResultTable:
    """Table of the curves: a column of frequencies, and the power of each image with its uncertainty.

    Args:
        names: Of the images.
        spectra: Of each, taken in the same squares.

    Raises:
        ValueError: The spectra have different frequencies.
    """
    frequency = spectra[0].frequency
    if any(not np.array_equal(spectrum.frequency, frequency) for spectrum in spectra):
        raise ValueError("Spectra in one table need the same frequencies")
    columns = [Column("frequency", "Frequency", "mm⁻¹")]
    curves = [frequency]
    for number, (name, spectrum) in enumerate(zip(names, spectra, strict=True), start=1):
        columns.append(Column(f"power_{number}", name, "HU²·mm²"))
        columns.append(Column(f"uncertainty_{number}", f"{name}, standard uncertainty", "HU²·mm²"))
        curves += [spectrum.power, spectrum.uncertainty]
    return ResultTable("Noise power spectrum, curve", tuple(columns), tuple(map(tuple, np.stack(curves, 1).tolist())))


def _spectrum(regions: NpsRegions, image: MeasuredImage, detrend: int) -> SpectrumOrReason:
    try:
        return regions.spectrum(image, detrend=detrend)
    except MeasurementError as error:
        return NotMeasurable(str(error))


def _row(spectrum: SpectrumOrReason) -> tuple[Cell, ...]:
    if isinstance(spectrum, NotMeasurable):
        return (None, None, None, None, None, spectrum.reason)
    return (
        spectrum.noise,
        spectrum.variance,
        spectrum.mean_frequency,
        spectrum.peak_frequency,
        spectrum.regions,
        " ".join(spectrum.warnings),
    )
