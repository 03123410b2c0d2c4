"""A procedural abdomen: a section with the organs, bones and vessels of the trunk, no two alike.

Places and sizes are in units of half the field of view, (x, y) from its centre, x to the patient's left and y to the
back, before the section is stretched from front to back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

AIR_HU, FAT_HU, MUSCLE_HU, GAS_HU = -1000.0, -100.0, 55.0, -950.0

Place = tuple[float, float]


def abdomen(matrix: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a section of an abdomen that fills the field of view, without noise.

    Args:
        matrix: Rows and columns.
        rng: Source of the randomness.

    Returns:
        HU values, shape (matrix, matrix).
    """
    drawing = _Drawing(matrix, rng)
    wall = _draw_trunk(drawing, rng)
    _draw_organs(drawing, rng)
    _draw_bowel(drawing, rng)
    drawing.bound(None)
    _draw_spine(drawing, rng)
    _draw_ribs(drawing, wall, rng)
    return drawing.textured(rng)


class _Drawing:
    """A section that grows organ by organ, a little tilted, and stretched from front to back."""

    def __init__(self, matrix: int, rng: np.random.Generator) -> None:
        axis = (np.arange(matrix, dtype=np.float32) - (matrix - 1) / 2) * np.float32(2 / matrix)
        tilt, stretch = rng.normal(0, 0.05), np.float32(rng.uniform(1.05, 1.25))
        cosine, sine = np.float32(np.cos(tilt)), np.float32(np.sin(tilt))
        self._x = cosine * axis[None] + sine * axis[:, None]
        self._y = (cosine * axis[:, None] - sine * axis[None]) / stretch
        self._pixel = np.float32(2 / matrix / np.sqrt(stretch))
        self._rng = rng
        self._within: NDArray[np.float32] | None = None
        self.hu = np.full((matrix, matrix), AIR_HU, dtype=np.float32)

    def ellipse(self, centre: Place, radii: Place, *, angle: float = 0.0, lobes: float = 0.0) -> NDArray[np.float32]:
        """Share of each pixel that an ellipse covers, its outline wavy by a share of its radius."""
        x, y = self._x - np.float32(centre[0]), self._y - np.float32(centre[1])
        cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        u, v = (cosine * x + sine * y) / np.float32(radii[0]), (cosine * y - sine * x) / np.float32(radii[1])
        radius = np.hypot(u, v)
        outline = np.ones((), dtype=np.float32)
        if lobes:
            around, phases = np.arctan2(v, u), self._rng.uniform(0, 2 * np.pi, 3)
            waves = (np.sin((k + 2) * around + np.float32(phase)) / (k + 1) for k, phase in enumerate(phases))
            outline = outline + np.float32(lobes) * np.sum(list(waves), axis=0)
        # To first order the distance from the outline in pixels.
        slope = np.hypot(u / np.float32(radii[0]), v / np.float32(radii[1])) / np.maximum(radius, np.float32(1e-6))
        distance = (radius - outline) / np.maximum(slope, np.float32(1e-6)) / self._pixel
        return np.asarray(np.clip(np.float32(0.5) - distance, 0, 1), dtype=np.float32)

    def paint(self, cover: NDArray[np.float32], hu: float) -> None:
        """Give what is covered a value, within the bounds."""
        self.hu += (cover if self._within is None else cover * self._within) * (np.float32(hu) - self.hu)

    def bound(self, cover: NDArray[np.float32] | None) -> None:
        """Paint no longer beyond what is covered; `None` for everywhere."""
        self._within = cover

    def textured(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """The section with the gentle unevenness of tissue."""
        fine, coarse = (
            gaussian_filter(rng.standard_normal(self.hu.shape).astype(np.float32), sigma) for sigma in (1.2, 4.0)
        )
        texture = rng.uniform(2, 6) * fine / fine.std() + rng.uniform(2, 6) * coarse / coarse.std()
        tissue = np.clip((self.hu + 500) / 300, 0, 1)
        return np.asarray(self.hu + tissue * texture, dtype=np.float32)


def _draw_trunk(drawing: _Drawing, rng: np.random.Generator) -> Place:
    """Skin, fat under it and the muscles of the wall, which bound what is drawn next; returns the radii of the wall."""
    radii = rng.uniform(0.91, 0.955), rng.uniform(0.64, 0.7)
    lobes = rng.uniform(0, 0.015)
    drawing.paint(drawing.ellipse((0, 0), radii, lobes=lobes), rng.uniform(20, 60))
    inside = radii[0] - 0.012, radii[1] - 0.012
    drawing.paint(drawing.ellipse((0, 0), inside), FAT_HU + rng.uniform(-15, 10))
    fat = rng.uniform(0.02, 0.12)
    wall = inside[0] - fat, inside[1] - fat * rng.uniform(0.6, 1.0)
    drawing.paint(drawing.ellipse((0, 0), wall), MUSCLE_HU + rng.uniform(-10, 10))
    muscle = rng.uniform(0.03, 0.06)
    cavity = drawing.ellipse((0, 0), (wall[0] - muscle, wall[1] - muscle))
    drawing.paint(cavity, FAT_HU + rng.uniform(-10, 10))
    drawing.bound(cavity)
    return wall


def _draw_organs(drawing: _Drawing, rng: np.random.Generator) -> None:
    """Liver with its vessels and lesions, spleen, kidneys, pancreas and stomach; contrast medium in some patients."""
    contrast = rng.choice((0.0, 1.0)) * rng.uniform(40, 160)
    liver = -0.4 + rng.normal(0, 0.03), -0.06 + rng.normal(0, 0.03)
    size = rng.uniform(0.28, 0.36), rng.uniform(0.26, 0.36)
    drawing.paint(drawing.ellipse(liver, size, angle=rng.uniform(-0.5, 0.3), lobes=0.05), 55 + contrast * 0.35)
    for _ in range(rng.integers(15, 35)):
        away, around = 0.75 * np.sqrt(rng.uniform()), rng.uniform(0, 2 * np.pi)
        place = liver[0] + away * size[0] * np.cos(around), liver[1] + away * size[1] * np.sin(around)
        radius = float(np.exp(rng.uniform(np.log(0.004), np.log(0.03))))
        vessel = drawing.ellipse(place, (radius, radius * rng.uniform(1, 4)), angle=rng.uniform(0, np.pi))
        drawing.paint(vessel, rng.choice((40 + contrast * 0.8, rng.uniform(0, 45)), p=(0.8, 0.2)))
    spleen = 0.56 + rng.normal(0, 0.02), 0.06 + rng.normal(0, 0.03)
    drawing.paint(drawing.ellipse(spleen, (0.12, rng.uniform(0.16, 0.24)), angle=0.3, lobes=0.05), 50 + contrast * 0.5)
    for side in (-1, 1):
        kidney, angle = (side * rng.uniform(0.34, 0.4), 0.27 + rng.normal(0, 0.02)), -side * 0.5
        drawing.paint(drawing.ellipse(kidney, (0.095, 0.13), angle=angle, lobes=0.02), 40 + contrast)
        drawing.paint(drawing.ellipse(kidney, (0.055, 0.085), angle=angle, lobes=0.1), 35 + contrast * 0.6)
        drawing.paint(drawing.ellipse(kidney, (0.025, 0.045), angle=angle), FAT_HU + 30)
    drawing.paint(drawing.ellipse((0.1, -0.02), (0.22, 0.045), angle=0.25, lobes=0.1), 45 + contrast * 0.4)
    stomach = 0.3 + rng.normal(0, 0.03), -0.25 + rng.normal(0, 0.03)
    drawing.paint(drawing.ellipse(stomach, (0.2, 0.14), angle=0.4, lobes=0.06), 60 + contrast * 0.2)
    drawing.paint(drawing.ellipse(stomach, (0.18, 0.12), angle=0.4, lobes=0.06), rng.uniform(0, 40))
    if rng.uniform() < 0.5:
        drawing.paint(drawing.ellipse((stomach[0], stomach[1] - 0.06), (0.1, 0.035)), GAS_HU)
    for place, radius in (((0.05, 0.14), 0.045), ((-0.09, 0.13), 0.05)):
        drawing.paint(drawing.ellipse(place, (radius, radius * rng.uniform(0.8, 1.0))), 40 + contrast * 1.2)


def _draw_bowel(drawing: _Drawing, rng: np.random.Generator) -> None:
    """Loops of bowel with fluid, contrast medium or gas in them, and vessels in the fat between."""
    for _ in range(rng.integers(6, 16)):
        place = rng.uniform(-0.3, 0.6), rng.uniform(-0.45, 0.15)
        radii, angle = (rng.uniform(0.04, 0.1), rng.uniform(0.03, 0.06)), rng.uniform(0, np.pi)
        drawing.paint(drawing.ellipse(place, radii, angle=angle, lobes=0.05), rng.uniform(40, 90))
        content = rng.choice((rng.uniform(0, 40), rng.uniform(100, 300), GAS_HU), p=(0.65, 0.15, 0.2))
        drawing.paint(drawing.ellipse(place, (radii[0] - 0.015, radii[1] - 0.015), angle=angle), content)
    for _ in range(rng.integers(15, 40)):
        place, radius = (rng.uniform(-0.2, 0.6), rng.uniform(-0.45, 0.3)), rng.uniform(0.004, 0.014)
        vessel = drawing.ellipse(place, (radius, radius * rng.uniform(1, 5)), angle=rng.uniform(0, np.pi))
        drawing.paint(vessel, rng.uniform(30, 180))


def _draw_spine(drawing: _Drawing, rng: np.random.Generator) -> None:
    """Muscles beside it, a vertebra with its canal, arch and processes."""
    depth = 0.3 + rng.normal(0, 0.015)
    for side in (-1, 1):
        drawing.paint(drawing.ellipse((side * 0.19, depth), (0.07, 0.1)), MUSCLE_HU)
        drawing.paint(drawing.ellipse((side * 0.14, depth + 0.19), (0.12, 0.09), lobes=0.04), MUSCLE_HU)
    cortical, marrow = rng.uniform(450, 900), rng.uniform(120, 260)
    drawing.paint(drawing.ellipse((0, depth + 0.15), (0.085, 0.075)), cortical)
    for side in (-1, 1):
        process = (side * 0.12, depth + 0.13)
        drawing.paint(drawing.ellipse(process, (0.07, 0.018), angle=side * 0.3), cortical)
    drawing.paint(drawing.ellipse((0, depth + 0.23), (0.018, 0.06)), cortical)
    drawing.paint(drawing.ellipse((0, depth), (0.125, 0.1), lobes=0.03), cortical)
    drawing.paint(drawing.ellipse((0, depth), (0.115, 0.09), lobes=0.03), marrow)
    drawing.paint(drawing.ellipse((0, depth + 0.14), (0.055, 0.045)), rng.uniform(10, 40))


def _draw_ribs(drawing: _Drawing, wall: Place, rng: np.random.Generator) -> None:
    """Ribs in the wall, their shell around marrow."""
    for side in (-1, 1):
        for around in rng.uniform(-0.7, 0.9, rng.integers(2, 6)):
            x, y = (wall[0] - 0.03) * side * np.cos(around), (wall[1] - 0.03) * np.sin(around)
            along = float(np.arctan2(wall[1] * np.cos(around), -side * wall[0] * np.sin(around)))
            length = rng.uniform(0.04, 0.1)
            drawing.paint(drawing.ellipse((x, y), (length, 0.022), angle=along), rng.uniform(500, 1000))
            drawing.paint(drawing.ellipse((x, y), (length - 0.009, 0.013), angle=along), rng.uniform(150, 300))
