"""Derive a series from files in one step, as a denoiser would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from CTDenoiseLib.dicom.derivation import Derivation
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.dicom.series import Series
from CTDenoiseLib.dicom.write import DerivedSeries, write_derived_series

DERIVATION = Derivation(
    model="hrcnn",
    model_version="1.2",
    weights_sha256="0123456789abcdef" * 4,
    strength=0.75,
    context=1,
    device="a test",
    precision="fp32",
    kind="denoised",
)


def the_series(folder: Path) -> Series:
    """The one series in a folder."""
    (series,) = find_series(folder).series
    return series


def derive(
    source: Path | Series,
    target: Path,
    *,
    change: Callable[[NDArray[np.float32]], NDArray[np.float32]] = np.copy,
    derivation: dict[str, Any] | None = None,
    **options: Any,
) -> DerivedSeries:
    """Read a series, change each section and write what results.

    Args:
        source: The series, or a folder that holds no other.
        target: Folder to write to.
        change: From the HU of one section to what is written.
        derivation: What differs from `DERIVATION`.
        options: For `write_derived_series`.
    """
    series = the_series(source) if isinstance(source, Path) else source
    hu = read_series(series).hu
    return write_derived_series(
        series,
        ((index, change(section)) for index, section in enumerate(hu)),
        target,
        derivation=replace(DERIVATION, **(derivation or {})),
        **options,
    )


def headers(files: list[Path] | tuple[Path, ...]) -> list[pydicom.FileDataset]:
    """What was written, in the order of the files."""
    return [pydicom.dcmread(file) for file in files]


def source_headers(series: Series) -> list[pydicom.FileDataset]:
    """The source's files in the order of its sections."""
    return headers([section.path for section in series.slices])
