"""Gather images into series: order the sections, drop copies, and say where the images of one series disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from ..volume import Acquisition
from .image import Image
from .series import LeftOut, Series

# Directions and pixel sizes are written as decimal text, sometimes with three digits only.
_ROUNDING = 1e-3


def gather(images: Iterable[Image]) -> tuple[tuple[Series, ...], tuple[LeftOut, ...]]:
    """Make one series of all images that share a Series Instance UID, ordered by Series Number.

    Args:
        images: In any order.

    Returns:
        The series, and the files left out because they are copies of others.
    """
    by_uid: dict[str, list[Image]] = defaultdict(list)
    for image in images:
        by_uid[image.series_uid].append(image)
    found, copies = [], []
    for members in by_uid.values():
        distinct, repeated = _without_copies(sorted(members, key=_reading_order))
        found.append(_series(distinct))
        copies += repeated
    found.sort(key=lambda series: (series.number is None, series.number or 0, series.uid))
    return tuple(found), tuple(copies)


def _reading_order(image: Image) -> tuple[str, int]:
    return str(image.section.path), image.section.frame or 0


def _without_copies(images: Sequence[Image]) -> tuple[list[Image], list[LeftOut]]:
    """Copies share SOP Instance UID, frame and position; images that share the UID alone are an inconsistency."""
    first: dict[object, Image] = {}
    copies: dict[object, LeftOut] = {}
    for image in images:
        section = image.section
        original = first.setdefault((section.sop_instance_uid, section.frame, section.position), image)
        if original is not image:
            copies[section.path] = LeftOut(section.path, f"the same image as {original.section.path.name}")
    return list(first.values()), list(copies.values())


def _series(images: Sequence[Image]) -> Series:
    one = images[0]
    normal = np.cross(*one.orientation)
    along = {id(image): float(np.dot(normal, image.section.position)) for image in images}
    ordered = sorted(images, key=lambda image: (along[id(image)], image.section.instance_number or 0))
    return Series(
        uid=one.series_uid,
        study_uid=one.study_uid,
        frame_of_reference_uid=one.frame_of_reference_uid,
        number=one.series_number,
        acquisition=_acquisition([image.acquisition for image in ordered]),
        pixel_spacing=one.pixel_spacing,
        rows=one.rows,
        columns=one.columns,
        orientation=one.orientation,
        slices=tuple(image.section for image in ordered),
        transfer_syntax_uid=ordered[0].transfer_syntax_uid,
        inconsistency=_inconsistency(images),
    )


def _acquisition(sections: Sequence[Acquisition]) -> Acquisition:
    """That of the first section, with the median of what tube current modulation changes from section to section."""
    currents = [known.tube_current for known in sections if known.tube_current is not None]
    exposures = [known.exposure for known in sections if known.exposure is not None]
    return replace(
        sections[0],
        tube_current=median(currents) if currents else None,
        exposure=median(exposures) if exposures else None,
    )


def _inconsistency(images: Sequence[Image]) -> str | None:
    one = images[0]
    seen: dict[tuple[str, int | None], Image] = {}
    for other in images:
        difference = _difference(one, other)
        key = (other.section.sop_instance_uid, other.section.frame)
        if difference is None and seen.setdefault(key, other) is not other:
            difference = "SOP Instance UID, which two different images share"
        if difference is not None:
            return (
                f"{other.section.path.name} does not fit {one.section.path.name} of the same series in {difference}; "
                "put the images that belong together into a folder of their own."
            )
    return None


def _difference(one: Image, other: Image) -> str | None:
    """What keeps two images from being sections of one volume, in the field's words; `None` if nothing does."""
    if _traits(one) == _traits(other):
        return None
    kernels = [" ".join(image.acquisition.kernel) or "none" for image in (one, other)]
    modalities = [image.acquisition.modality for image in (one, other)]
    sizes = [f"{image.columns}×{image.rows} pixels" for image in (one, other)]
    pixels = [f"{image.pixel_spacing[1]:g} mm" for image in (one, other)]
    same_direction = np.allclose(one.orientation, other.orientation, rtol=0, atol=_ROUNDING)
    same_spacing = np.allclose(one.pixel_spacing, other.pixel_spacing, rtol=_ROUNDING, atol=0)
    differences = {
        f"size ({sizes[1]}, not {sizes[0]})": sizes[0] != sizes[1],
        "orientation": not same_direction,
        f"pixel size ({pixels[1]}, not {pixels[0]})": not same_spacing,
        f"kernel ({kernels[1]}, not {kernels[0]})": kernels[0] != kernels[1],
        f"modality ({modalities[1]}, not {modalities[0]})": modalities[0] != modalities[1],
        "frame of reference": one.frame_of_reference_uid != other.frame_of_reference_uid,
        "study": one.study_uid != other.study_uid,
    }
    return next((what for what, differ in differences.items() if differ), None)


def _traits(image: Image) -> tuple[object, ...]:
    """All that the sections of one volume share."""
    acquisition = image.acquisition
    grid = (image.rows, image.columns, image.orientation, image.pixel_spacing, image.frame_of_reference_uid)
    return (*grid, acquisition.kernel, acquisition.modality, image.study_uid)
