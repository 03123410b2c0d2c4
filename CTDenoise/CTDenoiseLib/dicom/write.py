"""Write a derived CT series: the source's headers, new pixels, and how they came about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.uid import (
    UID,
    CTImageStorage,
    EnhancedCTImageStorage,
    LegacyConvertedEnhancedCTImageStorage,
    generate_uid,
)

from ..atomic import folder_in_the_making
from ..behind import WorkBehind
from .compression import Compression
from .derivation import Derivation
from .derived_attributes import DerivedIdentity, is_ours, make_derived, time_zone
from .errors import SeriesError
from .quiet import quiet_pydicom
from .series import Series
from .source_headers import SourceHeaders
from .stored_values import SMALLEST_FOR_JPEG_2000, describe, padding_hu, quantise, store

_SOURCES = {CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage}

# A residual of a few HU would drown in steps of a whole one; tenths still reach ±3276.7 HU.
_SLOPES = {"denoised": 1.0, "residual": 0.1}

_LARGEST_NUMBER = 2**31 - 1
_NUMBER_OF_UNNUMBERED_SOURCE = 90


class UnsuitableSourceError(SeriesError):
    """No CT series can be derived from this one."""


class SectionsError(SeriesError):
    """The sections handed over are not those of the source series."""


@dataclass(frozen=True)
class DerivedSeries:
    """A series that was written.

    Attributes:
        uid: Series Instance UID.
        folder: Where it lies.
        files: One file a section, in the order of the source's sections.
        clipped_voxels: How many voxels did not fit into 16 bits and were set to the nearest value that does.
    """

    uid: str
    folder: Path
    files: tuple[Path, ...]
    clipped_voxels: int


def write_derived_series(  # noqa: PLR0913
    source: Series,
    sections: Iterable[tuple[int, NDArray[np.float32]]],
    folder: Path,
    *,
    derivation: Derivation,
    compression: Compression = "none",
    keep_private: bool = False,
    series_number: int | None = None,
    overwrite: bool = False,
) -> DerivedSeries:
    """Write a new series in the study and frame of reference of its source, one classic CT image a section.

    Sections are written as they come, so that memory does not grow with their number. Files are named 0001.dcm,
    0002.dcm, ... in the order of `source.slices`; instance numbers are those of the source where it numbers each image
    differently. Denoised values are stored as whole HU, residuals as tenths with a window of ±100 HU.

    Args:
        source: Series the sections come from.
        sections: (index into `source.slices`, HU of shape (y, x)) in any order, each index once.
        folder: Where the series goes; nothing is there until everything is. It must be new, empty, or (`overwrite`)
            hold nothing but files that this function wrote.
        derivation: What was done to the source.
        compression: "none" for Explicit VR Little Endian; all are lossless.
        keep_private: Whether private attributes of the source stay.
        series_number: Series number; otherwise a hundred times the source's, plus 1 (denoised) or 2 (residual).
        overwrite: Whether an older result in `folder` is replaced, after success.

    Raises:
        UnsuitableSourceError: The source is not CT, or too small for the compression.
        SectionsError: A section is missing, there twice, of wrong shape, or holds NaN or infinity.
        UndecodableImageError: A file of the source has gone.
        OutputExistsError: The folder holds something that may not be replaced.
        WriteFailedError: The disk is full, or the system does not allow to write.
    """
    _check_source(source, compression)
    inputs = {section.path.resolve() for section in source.slices}
    digits = max(4, len(str(len(source.slices))))
    names = [f"{place:0{digits}}.dcm" for place in range(1, len(source.slices) + 1)]
    with (
        folder_in_the_making(
            folder, overwrite=overwrite, replaceable=lambda file: file not in inputs and is_ours(file)
        ) as workplace,
        quiet_pydicom(),
        # One thread is enough: encoders hold Python's lock, so that more would take turns.
        WorkBehind("write") as behind,
    ):
        image_writer = _ImageWriter(source, derivation, compression, keep_private, series_number)
        clipped = 0
        for index, hu in _checked(sections, source):
            # Here, not in the other thread: the caller may use its array again.
            values, out_of_range = quantise(hu, _SLOPES[derivation.kind])
            clipped += out_of_range
            behind.do(image_writer.write, index, values, workplace / names[index])
    return DerivedSeries(image_writer.identity.uid, folder, tuple(folder / name for name in names), clipped)


def _check_source(source: Series, compression: Compression) -> None:
    if compression == "jpeg2000" and min(source.rows, source.columns) < SMALLEST_FOR_JPEG_2000:
        raise UnsuitableSourceError(
            f"JPEG 2000 needs images of {SMALLEST_FOR_JPEG_2000} pixels or more on each side, and these have "
            f"{source.rows} by {source.columns}; choose another compression."
        )
    for section in source.slices:
        if section.sop_class_uid not in _SOURCES:
            raise UnsuitableSourceError(
                f"A CT series can be written from CT images only, and {section.path} is "
                f"{UID(section.sop_class_uid).name}; choose a CT series."
            )


def _checked(
    sections: Iterable[tuple[int, NDArray[np.float32]]], source: Series
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Pass the sections on if they are those of the source, each once."""
    missing = set(range(len(source.slices)))
    for index, hu in sections:
        if index not in missing:
            problem = "was handed over twice" if 0 <= index < len(source.slices) else "does not exist in the source"
            raise SectionsError(f"Section {index} {problem}; the series was not written.")
        if hu.shape != (source.rows, source.columns):
            raise SectionsError(
                f"Section {index} has {hu.shape} pixels (y, x) and its source {source.rows, source.columns}; "
                f"the series was not written."
            )
        if not np.isfinite(hu).all():
            raise SectionsError(f"Section {index} holds values that are not finite; the series was not written.")
        missing.remove(index)
        yield index, hu
    if missing:
        raise SectionsError(
            f"{len(missing)} of {len(source.slices)} sections are missing, the first is {min(missing)}; "
            f"the series was not written."
        )


class _ImageWriter:
    """Writes single images of one derived series."""

    def __init__(
        self,
        source: Series,
        derivation: Derivation,
        compression: Compression,
        keep_private: bool,
        series_number: int | None,
    ) -> None:
        self._source = source
        self._compression = compression
        self._keep_private = keep_private
        self._headers = SourceHeaders()
        self._instance_numbers = _instance_numbers(source)
        self.identity = DerivedIdentity(
            uid=generate_uid(prefix=None),
            number=_series_number(source, derivation) if series_number is None else series_number,
            description=derivation.series_description(source.acquisition.description),
            moment=datetime.now().astimezone(time_zone(self._headers.read(source.slices[0]))),
            derivation=derivation,
        )

    def write(self, index: int, values: NDArray[np.int16], path: Path) -> None:
        """Write the image of one section from its stored values, shape (y, x)."""
        derivation = self.identity.derivation
        image = self._headers.read(self._source.slices[index])
        # What is subtracted where nothing was measured is 0, an ordinary value of a residual.
        padding = padding_hu(image) if derivation.kind == "denoised" else []
        make_derived(
            image,
            self.identity,
            sources=self._source.slices[max(0, index - derivation.context) : index + derivation.context + 1],
            instance_number=self._instance_numbers[index],
            keep_private=self._keep_private,
        )
        describe(image, slope=_SLOPES[derivation.kind], padding=padding)
        store(image, values, self._compression)
        # Through memory: pydicom wraps errors of writing and loses their number, by which a full disk is known.
        file = BytesIO()
        pydicom.dcmwrite(file, image, enforce_file_format=True)
        path.write_bytes(file.getbuffer())


def _instance_numbers(source: Series) -> list[int]:
    """Those of the source, so that viewers sort both series alike; places where it leaves some out or repeats them."""
    numbers = [section.instance_number for section in source.slices if section.instance_number is not None]
    return numbers if len(set(numbers)) == len(source.slices) else list(range(1, len(source.slices) + 1))


def _series_number(source: Series, derivation: Derivation) -> int:
    base = _NUMBER_OF_UNNUMBERED_SOURCE if source.number is None else source.number
    number = 100 * base + (1 if derivation.kind == "denoised" else 2)
    return number if abs(number) <= _LARGEST_NUMBER else base
