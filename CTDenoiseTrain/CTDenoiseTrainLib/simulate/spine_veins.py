"""Opacified veins beside the thecal sac and around the vertebra, of known course, diameter and contrast.

In CSF-venous fistulas contrast medium drains into the internal and the external vertebral venous plexus: tortuous veins
in the epidural fat, the foramina and the muscle along the bone. Each vein here is a tube of constant diameter that adds
a constant contrast to the tissue it runs through, so that the picture of the veins alone is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .spine_shapes import Floats

Points = NDArray[np.float64]

DIAMETERS_MM = (0.3, 0.45, 0.6, 1.0, 1.5)
CONTRASTS_HU = (50.0, 100.0, 200.0, 300.0, 400.0)

_STEP_MM = 0.1
_LONGEST_MM = (6.0, 16.0)
_IN_PLANE_SHARE = 0.6
_SHORTEST_MM = 2.5
_BESIDE_MM = 0.25
_BETWEEN_VEINS_MM = 1.0
_FROM_BONE_MM = 7.0
_INTERNAL_MM = 13.0
_MOST_TRIES = 120


@dataclass(frozen=True, eq=False)
class Vein:
    """An opacified vein.

    Attributes:
        diameter_mm: Of the tube.
        contrast_hu: HU above the tissue that it runs through.
        course: Points along its axis, (z, y, x) in mm from the middle of the stack, shape (n, 3).
        internal: Whether it runs in the canal or a foramen, beside the sac; else around the vertebra.
    """

    diameter_mm: float
    contrast_hu: float
    course: Points
    internal: bool

    @property
    def length_mm(self) -> float:
        """Along its axis."""
        return float(np.linalg.norm(np.diff(self.course, axis=0), axis=1).sum())


@dataclass(frozen=True)
class VoxelGrid:
    """Where the voxels of a stack lie, in mm.

    Attributes:
        z: Middles of the sections, shape (z,), evenly spaced.
        y: Of the rows.
        x: Of the columns.
    """

    z: Floats
    y: Floats
    x: Floats

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Along (z, y, x); sections of a stack of one are as thick as pixels are wide."""
        pixel = float(self.y[1] - self.y[0])
        return (float(self.z[1] - self.z[0]) if self.z.size > 1 else pixel, pixel, pixel)

    @property
    def origin(self) -> Points:
        """Middle of the first voxel."""
        return np.array([self.z[0], self.y[0], self.x[0]], dtype=np.float64)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Sections, rows and columns."""
        return self.z.size, self.y.size, self.x.size

    def indices(self, points: Points) -> NDArray[np.intp]:
        """Nearest voxels of points (…, 3), whether inside or not."""
        return np.rint((points - self.origin) / self.spacing).astype(np.intp)


def draw_veins(grid: VoxelGrid, room: Floats, to_bone: Floats, *, rng: np.random.Generator) -> tuple[Vein, ...]:
    """One vein of each diameter and contrast, as far as there is room for it.

    Args:
        grid: Of the stack.
        room: Distance in mm from what veins do not cross, shape (z, y, x).
        to_bone: Distance in mm from bone, shape (z, y, x).
        rng: Decides the courses.

    Returns:
        The veins, wide ones first; they keep a distance from each other.
    """
    kinds = sorted(product(DIAMETERS_MM, CONTRASTS_HU), key=lambda kind: (-kind[0], rng.random()))
    terrain = _Terrain(grid, room, to_bone)
    veins: list[Vein] = []
    for index, (diameter, contrast) in enumerate(kinds):
        course = terrain.course(diameter / 2, internal=index % 3 == 0, rng=rng)
        if course is not None:
            internal = bool(np.hypot(*course[len(course) // 2, 1:]) < _INTERNAL_MM)
            veins.append(Vein(diameter, contrast, course, internal))
    return tuple(veins)


class _Terrain:
    """Where veins may run; each that is drawn takes its room."""

    def __init__(self, grid: VoxelGrid, room: Floats, to_bone: Floats) -> None:
        self._grid, self._room, self._near_bone = grid, room, to_bone < _FROM_BONE_MM
        self._from_middle = np.hypot(grid.y[:, None], grid.x[None])
        self._taken: dict[float, cKDTree] = {}

    def course(self, radius: float, *, internal: bool, rng: np.random.Generator) -> Points | None:
        """A course with room for a vein of this radius; `None` if none was found."""
        free = (self._room > radius + _BESIDE_MM) & self._near_bone
        beside_sac = free & (self._from_middle < _INTERNAL_MM)
        if internal and beside_sac.any():
            free = beside_sac
        # The network is at the level of the leak: veins are met in the middle of the stack, where windows are full.
        ends = self._grid.shape[0] // 4
        free[:ends] = free[self._grid.shape[0] - ends :] = False
        starts = np.flatnonzero(free)
        for _ in range(_MOST_TRIES if starts.size else 0):
            start = np.unravel_index(int(rng.choice(starts)), self._room.shape)
            walked = self._walk(self._grid.origin + np.array(start) * self._grid.spacing, radius, rng)
            if walked is not None:
                before = self._taken[radius].data if radius in self._taken else np.empty((0, 3))
                self._taken[radius] = cKDTree(np.concatenate([before, walked]))
                return walked
        return None

    def _walk(self, start: Points, radius: float, rng: np.random.Generator) -> Points | None:
        """A gently winding path both ways from the start until it meets something or is long enough."""
        heading = rng.uniform(0, 2 * np.pi)
        climb = rng.normal(0, 0.12) if rng.random() < _IN_PLANE_SHARE else rng.choice((-1, 1)) * rng.uniform(0.4, 1.5)
        longest = rng.uniform(*_LONGEST_MM) / 2
        halves = [
            self._half(start, heading + turn, climb * sign, longest, radius, rng)
            for turn, sign in ((0, 1), (np.pi, -1))
        ]
        course = np.concatenate([halves[1][::-1], start[None], halves[0]])
        return course if len(course) * _STEP_MM >= _SHORTEST_MM else None

    def _half(  # noqa: PLR0913, PLR0917 - state of the walk
        self, place: Points, heading: float, climb: float, longest: float, radius: float, rng: np.random.Generator
    ) -> Points:
        path: list[Points] = []
        bend = 0.0
        while len(path) * _STEP_MM < longest:
            bend = 0.9 * bend + rng.normal(0, 0.05)
            heading += bend
            step = np.array([np.sin(climb), np.cos(climb) * np.sin(heading), np.cos(climb) * np.cos(heading)])
            place = place + _STEP_MM * step
            if not self._is_free(place, radius):
                break
            path.append(place)
        return np.array(path).reshape(-1, 3)

    def _is_free(self, place: Points, radius: float) -> bool:
        index = self._grid.indices(place)
        # Veins leave the stack at its first and last section, but no row or column.
        index[0] = min(max(index[0], 0), self._grid.shape[0] - 1)
        outside = abs(place[0]) > abs(self._grid.z[-1]) + radius or (index[1:] < 5).any()
        if outside or (index[1:] >= np.array(self._grid.shape[1:]) - 5).any():
            return False
        if self._room[tuple(index)] < radius + _BESIDE_MM:
            return False
        return all(tree.query(place)[0] > radius + other + _BETWEEN_VEINS_MM for other, tree in self._taken.items())
