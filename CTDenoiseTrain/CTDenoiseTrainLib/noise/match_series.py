"""Do two series show the same sections of the same patient? Matched by position, refused in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.matching.kernel_sharpness import same_kernel
from CTDenoiseLib.volume import Acquisition, Geometry, Volume

from ..errors import DataError

FEWEST_SECTIONS = 3

# Positions are written with few decimals, and pixel sizes with rounding; shares are of a pixel or an increment.
_SAME_SPACING = 1e-3
_SAME_DIRECTION = 1e-4
_SAME_PLACE = 0.1
# Siemens' SAFIRE names its kernels I where filtered back-projection has B, such as I30f for B30f.
_SIEMENS_ITERATIVE = re.compile(r"I(\d\d[a-z]?)", re.IGNORECASE)


@dataclass(frozen=True)
class MatchedSections:
    """Sections of two series that lie at the same place.

    Attributes:
        first: Indices along z in the first series, ascending.
        second: Index in the second series for each of them.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.first)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose images a series holds: hashes or labels, never names or UIDs; `None` where nobody knows.

    Attributes:
        patient: Of the patient.
        study: Of the study.
        frame_of_reference: Of the coordinate system.
    """

    patient: str | None = None
    study: str | None = None
    frame_of_reference: str | None = None


def match_sections(first: Volume, second: Volume, *, what: str) -> MatchedSections:
    """Match the sections of two series by their position in the patient.

    Sections that only one of them has are left out, so counts and increments may differ.

    Args:
        first: A series.
        second: Another one.
        what: Names both in messages, such as "filtered back-projection and iterative reconstruction".

    Raises:
        DataError: Rows and columns, pixel spacing, orientation or field of view differ, no section is common, or those
            that are lie unevenly.
    """
    if first.shape[1:] != second.shape[1:]:
        raise DataError(
            f"The images of {what} differ in size ({_size(first)} and {_size(second)} pixels); "
            "give series reconstructed with the same matrix."
        )
    _check_planes(first.geometry, second.geometry, what)
    there, wanted = _positions(second), _positions(first)
    nearest = np.array([int(np.linalg.norm(there - place, axis=1).argmin()) for place in wanted])
    offset = there[nearest] - wanted
    normal = _normal(first.geometry)
    along = np.abs(offset @ normal)
    across = np.linalg.norm(offset - np.outer(offset @ normal, normal), axis=1)
    same = along <= _SAME_PLACE * min(first.geometry.spacing[0], second.geometry.spacing[0])
    if not same.any():
        raise DataError(
            f"{_sentence_start(what)} have no section in common: they lie from {_reach(wanted, normal)} and from "
            f"{_reach(there, normal)} mm; give series of the same part of the body with the same positions."
        )
    if (across[same] > _SAME_PLACE * min(first.geometry.spacing[1:])).any():
        raise DataError(
            f"The images of {what} show different fields of view, {across[same].max():.2f} mm apart; "
            "give series reconstructed with the same centre."
        )
    indices = np.flatnonzero(same)
    if np.unique(np.diff(indices)).size > 1:
        one, other = first.geometry.spacing[0], second.geometry.spacing[0]
        raise DataError(
            f"The increments of {what} do not fit ({one:g} and {other:g} mm), so the sections they have in common are "
            "not evenly spaced; give series of the same increment."
        )
    return MatchedSections(tuple(indices.tolist()), tuple(nearest[indices].tolist()))


def match_all(series: Sequence[Volume], *, what: str) -> list[tuple[int, ...]]:
    """Sections that several series have in common: for each the index along z in all of them.

    Args:
        series: The series; the order of sections is that of the first.
        what: Names them in messages.

    Raises:
        DataError: As `match_sections`, of any of them and the first.
    """
    first, *others = series
    places: dict[int, tuple[int, ...]] = {index: (index,) for index in range(first.shape[0])}
    for other in others:
        matched = match_sections(first, other, what=what)
        partners = dict(zip(matched.first, matched.second, strict=True))
        places = {index: (*found, partners[index]) for index, found in places.items() if index in partners}
    if not places:
        raise DataError(f"{_sentence_start(what)}: no section is common to all {len(series)} of them.")
    return list(places.values())


def check_same_kernel(first: Acquisition, second: Acquisition, *, what: str) -> str | None:
    """See that two series have the same kernel; else their difference is sharpness of anatomy, not noise.

    Returns:
        A warning where a kernel is not known; `None` if both are known and equal.

    Raises:
        DataError: They differ.
    """
    if not first.kernel or not second.kernel:
        return f"The kernel of {what} is not known for both; their difference is noise only if it is the same."
    # A second value is the strength of an iterative method.
    one, other = first.kernel[0], second.kernel[0]
    if not same_kernel(_without_method(one), _without_method(other)):
        raise DataError(
            f"The kernels of {what} differ ({one} and {other}), so their difference holds anatomy; "
            "give series of the same kernel."
        )
    return None


def check_same_thickness(first: Acquisition, second: Acquisition, *, what: str) -> None:
    """See that two series have the same section thickness, as far as it is known.

    Raises:
        DataError: They differ by more than a hundredth of a millimetre or 1 %.
    """
    one, other = first.section_thickness, second.section_thickness
    if one is not None and other is not None and abs(one - other) > max(0.01, 0.01 * max(one, other)):
        raise DataError(
            f"The sections of {what} differ in thickness ({one:g} and {other:g} mm); give series of the same thickness."
        )


def check_same_patient(first: Subject, second: Subject, *, what: str, same_scan: bool = False) -> None:
    """See that two series belong together, as far as it is known.

    Args:
        first: Whose images they are.
        second: Whose the others are.
        what: Names both in messages.
        same_scan: Whether they must be reconstructions of one scan, hence of one study and frame of reference.

    Raises:
        DataError: They are of different patients or, if that matters, studies or frames of reference.
    """
    pairs = [("patients", first.patient, second.patient)]
    if same_scan:
        pairs += [
            ("studies", first.study, second.study),
            ("frames of reference", first.frame_of_reference, second.frame_of_reference),
        ]
    for words, one, other in pairs:
        if one is not None and other is not None and one != other:
            raise DataError(f"{_sentence_start(what)} are of different {words}; give series that belong together.")


def check_enough_sections(sections: int, *, context: int, what: str) -> str | None:
    """See that a series has enough sections to train with.

    Args:
        sections: How many it has.
        context: Adjacent sections on each side that the network looks at.
        what: Names it in messages.

    Returns:
        A warning if the window of the network is longer than the series; `None` else.

    Raises:
        DataError: There are fewer than three.
    """
    if sections < FEWEST_SECTIONS:
        raise DataError(
            f"{_sentence_start(what)}: there are too few sections ({sections}); give at least {FEWEST_SECTIONS}."
        )
    window = 2 * context + 1
    if sections < window:
        return (
            f"{_sentence_start(what)}: with {sections} sections the window of {window} is never filled; "
            "the outermost sections are repeated."
        )
    return None


def _check_planes(first: Geometry, second: Geometry, what: str) -> None:
    one, other = first.spacing[1:], second.spacing[1:]
    if not np.allclose(one, other, rtol=_SAME_SPACING):
        raise DataError(
            f"The pixels of {what} differ in size ({_mm(one)} and {_mm(other)} mm); "
            "give series reconstructed with the same field of view."
        )
    if not np.allclose(first.direction[1:], second.direction[1:], atol=_SAME_DIRECTION):
        raise DataError(
            f"The sections of {what} are oriented differently; give series of the same plane, with rows and columns "
            "in the same direction."
        )


def _positions(volume: Volume) -> NDArray[np.float64]:
    """LPS of the first pixel of each section in mm, shape (z, 3)."""
    geometry = volume.geometry
    along = np.array(geometry.direction[0]) * geometry.spacing[0]
    return np.array(geometry.origin) + np.arange(volume.shape[0])[:, None] * along


def _normal(geometry: Geometry) -> NDArray[np.float64]:
    _, down, across = geometry.direction
    return np.cross(across, down)


def _reach(positions: NDArray[np.float64], normal: NDArray[np.float64]) -> str:
    along = positions @ normal
    return f"{along.min():.1f} to {along.max():.1f}"


def _without_method(kernel: str) -> str:
    found = _SIEMENS_ITERATIVE.fullmatch(kernel.strip())
    return f"B{found[1]}" if found else kernel


def _size(volume: Volume) -> str:
    return f"{volume.shape[1]} × {volume.shape[2]}"


def _mm(spacing: tuple[float, ...]) -> str:
    return " × ".join(f"{size:.3f}" for size in spacing)


def _sentence_start(words: str) -> str:
    return words[:1].upper() + words[1:]
