"""Two images of the same voxels, read section by section to be compared."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import DifferentGridError, MeasurementError, NotDenoisedHereError
from ..image import Grid, MeasuredImage

Picture: TypeAlias = MeasuredImage | NDArray[np.generic]


class NotComparableError(MeasurementError):
    """Two images cannot be compared as asked."""


class ImagePair:
    """A reference and another image, clipped to a window, with the voxels that count.

    Args:
        reference: A `MeasuredImage`, or HU of shape (z, y, x) or (y, x).
        other: The same voxels.
        window: Lowest and highest HU to clip both to; `None` to leave them.

    Raises:
        DifferentGridError: The images have different voxels.
        NotDenoisedHereError: There is no section where both hold data.
        NotComparableError: The window is empty.
    """

    def __init__(self, reference: Picture, other: Picture, *, window: tuple[float, float] | None) -> None:
        if window is not None and not window[0] < window[1]:
            raise NotComparableError(f"A window needs a lower and a higher HU, not {window[0]:g} and {window[1]:g}.")
        self._reference, self._other = _as_image(reference, other), _as_image(other, reference)
        self._window = window
        self._sections = _common_sections(self._reference, self._other)

    def sections(self) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]]:
        """HU of reference and other, shape (y, x), and which pixels count: those that are padding in neither.

        Raises:
            NotComparableError: A pixel that counts is no number.
        """
        for index in self._sections:
            reference = np.asarray(self._reference.values[index], dtype=np.float64)
            other = np.asarray(self._other.values[index], dtype=np.float64)
            valid = ~(self._reference.is_padding(reference) | self._other.is_padding(other))
            if not (np.isfinite(reference[valid]).all() and np.isfinite(other[valid]).all()):
                raise NotComparableError(
                    f"Section {index + 1} holds values that are no numbers, which cannot be compared."
                )
            if self._window is not None:
                reference, other = reference.clip(*self._window), other.clip(*self._window)
            yield reference, other, valid

    def range_of_reference(self) -> tuple[float, float]:
        """Lowest and highest HU of the reference among the pixels that count; (∞, −∞) if there are none."""
        low, high = math.inf, -math.inf
        for reference, _, valid in self.sections():
            low = float(reference.min(where=valid, initial=low))
            high = float(reference.max(where=valid, initial=high))
        return low, high


def _as_image(picture: Picture, beside: Picture) -> MeasuredImage:
    """An array as an image that lies where the one beside it does."""
    if isinstance(picture, MeasuredImage):
        return picture
    values = np.asarray(picture)
    if values.ndim == 2:
        values = values[np.newaxis]
    if values.ndim != 3:
        raise NotComparableError(f"Images have shape (z, y, x) or (y, x); this one has {values.shape}.")
    sections, rows, columns = values.shape
    grid = beside.grid if isinstance(beside, MeasuredImage) else Grid((sections, rows, columns), np.eye(4))
    return MeasuredImage("", values, grid)


def _common_sections(reference: MeasuredImage, other: MeasuredImage) -> list[int]:
    """Indices of the sections where both hold data."""
    if reference.values.shape != other.values.shape or not reference.grid.is_same_as(other.grid):
        raise DifferentGridError(
            "The images have different voxels; their similarity is not taken of resampled values, which are smoother."
        )
    common = set(range(len(reference.values)))
    for image in (reference, other):
        common &= common if image.sections is None else image.sections
    if not common:
        raise NotDenoisedHereError("There is no section where both images hold data; denoise some first.")
    return sorted(common)
