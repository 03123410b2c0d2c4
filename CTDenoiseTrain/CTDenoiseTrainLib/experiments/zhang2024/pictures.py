"""The pictures that are scanned: sections of openly licensed chests, and procedural abdomens.

The paper took abdominal CT of The Cancer Imaging Archive; so the lungs of the chests are filled. A picture is scanned
at every resolution: it is shrunk or enlarged until its pixels have the size wanted, so the body fills the field of view
at all of them, and what differs is how much it attenuates. The photons of Table 1 give all of them the same noise
behind about 300 mm by 250 mm of tissue at the coarsest resolution: so large are the bodies here, too.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, gaussian_filter

from ...pairs.body import body_tissues
from .phantom import AIR_HU, FAT_HU, abdomen

Part = Literal["training", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)

# Shoulders and neck are left out: no abdomen looks like them, and the arms reach out of the field of view.
_LOWER_SECTIONS = 0.75
# Every fourth section of the chest for training is kept for validation.
_VALIDATION_EVERY = 4
_LUNG_BELOW_HU = -150.0


def draw_pictures(
    chests: list[NDArray[np.float32]], part: Part, *, count: int, matrix: int, seed: int
) -> NDArray[np.float32]:
    """Pictures of a part of the data: in turn a chest with filled lungs and a procedural abdomen.

    Test pictures come from the last chest, all others from the first: other patients, as are the procedural ones.

    Args:
        chests: HU values, each of shape (z, y, x), at least two.
        part: Of the data.
        count: How many pictures.
        matrix: Their rows and columns.
        seed: Of all chance.

    Returns:
        HU values, shape (count, matrix, matrix); air outside the disc that all views see.
    """
    pictures = np.empty((count, matrix, matrix), dtype=np.float32)
    sections = _sections(chests, part)
    for index in range(count):
        rng = np.random.default_rng([seed, PARTS.index(part), index])
        if index % 2:
            pictures[index] = abdomen(matrix, rng)
            continue
        pictures[index] = _filled(_fitted(sections[rng.integers(len(sections))], matrix, rng), rng)
    pictures[:, ~field_of_view(matrix)] = AIR_HU
    return pictures


def field_of_view(matrix: int) -> NDArray[np.bool_]:
    """The disc that all views see, shape (matrix, matrix)."""
    axis = np.arange(matrix) - (matrix - 1) / 2
    return np.asarray(np.hypot(axis[:, None], axis[None]) <= matrix / 2)


def _sections(chests: list[NDArray[np.float32]], part: Part) -> list[NDArray[np.float32]]:
    chest = chests[-1 if part == "test" else 0]
    lower = list(chest[: max(_VALIDATION_EVERY, int(_LOWER_SECTIONS * len(chest)))])
    if part == "test":
        return lower
    kept = lower[_VALIDATION_EVERY - 1 :: _VALIDATION_EVERY]
    if part == "validation":
        return kept
    return [section for index, section in enumerate(lower) if index % _VALIDATION_EVERY != _VALIDATION_EVERY - 1]


def _fitted(section: NDArray[np.float32], matrix: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """The body of a section without the table, mirrored or not, turned a little, to fill the field of view."""
    tissues = body_tissues(section)
    inside = np.ones(section.shape, dtype=bool) if tissues is None else tissues.body
    rows, columns = np.nonzero(inside)
    centre = np.array([(rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2])
    reach = np.hypot(rows - centre[0], columns - centre[1]).max()
    # Old pixels per new one.
    step = reach / (rng.uniform(0.95, 0.99) * matrix / 2)
    angle, mirror = np.deg2rad(rng.uniform(-10, 10)), rng.choice((-1, 1))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    from_new = step * np.diag([1, mirror]) @ turn
    offset = centre - from_new @ np.full(2, (matrix - 1) / 2)
    body = np.where(inside, section, np.float32(AIR_HU))
    shape = (matrix, matrix)
    return np.asarray(affine_transform(body, from_new, offset, shape, order=1, mode="constant", cval=AIR_HU))


def _filled(picture: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Lungs filled with loops of soft tissue in fat, but for a part that stays as gas in bowels does."""
    tissues = body_tissues(picture)
    if tissues is None:
        return picture
    loops, gas = (gaussian_filter(rng.standard_normal(picture.shape), sigma) for sigma in (7, 12))
    share = np.clip(0.5 + 3 * loops / loops.std(), 0, 1)
    filling = FAT_HU + share * (rng.uniform(20, 70) - FAT_HU)
    filled = tissues.body & (picture < _LUNG_BELOW_HU) & (gas < 1.5 * gas.std())
    return np.where(filled, np.maximum(picture, filling), picture).astype(np.float32)
