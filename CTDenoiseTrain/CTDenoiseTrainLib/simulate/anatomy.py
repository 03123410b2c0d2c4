"""Procedural anatomy: noise-free volumes of tissue, lung, bone and vessels that are as sharp as their pixels allow.

They teach a network that fine, sharp structure is not noise, which the few openly licensed volumes, smooth and 5 mm
thick, cannot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Grid = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]

SOFT_TISSUE_HU = (-10.0, 80.0)
FAT_HU = (-120.0, -80.0)
LUNG_HU = (-920.0, -780.0)
TRABECULAR_HU = (100.0, 350.0)
CORTICAL_HU = (600.0, 1600.0)
CONTRAST_HU = (100.0, 1000.0)
AIR_HU = -1000.0


def procedural_volume(
    shape: tuple[int, int, int], *, section_step: float, rng: np.random.Generator, bar_patterns: int = 0
) -> NDArray[np.float32]:
    """Draw a noise-free volume of random anatomy.

    Args:
        shape: Sections, rows and columns.
        section_step: Increment over pixel size; structures keep their shape in mm when it is not 1.
        rng: Source of the randomness.
        bar_patterns: How many blocks of parallel bars, which no anatomy has but physicists' phantoms do.

    Returns:
        HU values, shape (z, y, x).
    """
    z, y, x = np.meshgrid(*(np.arange(side, dtype=np.float32) for side in shape), indexing="ij", sparse=True)
    grid: Grid = (z * np.float32(section_step), y, x)
    extent = np.array([shape[0] * section_step, shape[1], shape[2]])
    volume = _tissue_background(shape, rng)
    for _ in range(rng.integers(3, 7)):
        _paint_organ(volume, grid, extent, rng)
    for _ in range(rng.integers(2, 6)):
        _paint_bone(volume, grid, extent, rng)
    for _ in range(rng.integers(40, 90)):
        _paint_vessel(volume, grid, extent, rng)
    for _ in range(bar_patterns):
        _paint_bars(volume, grid, extent, rng)
    return np.clip(volume, -1024, 3071)


def _tissue_background(shape: tuple[int, int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Soft tissue, fat or lung with the gentle unevenness of perfusion and texture."""
    low, high = (SOFT_TISSUE_HU, FAT_HU, LUNG_HU)[rng.choice(3, p=(0.5, 0.2, 0.3))]
    texture = gaussian_filter(rng.standard_normal(shape), (2, 4, 4))
    texture *= rng.uniform(2, 12) / texture.std()
    return np.asarray(rng.uniform(low, high) + texture, dtype=np.float32)


def _coverage(distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Share of a pixel inside a surface at a signed distance in pixels: an edge one pixel wide."""
    return np.asarray(np.clip(0.5 - distance, 0, 1))


def _paint(volume: NDArray[np.float32], distance: NDArray[np.float32], hu: float) -> None:
    cover = _coverage(distance)
    volume += cover * (np.float32(hu) - volume)


def _ellipsoid_distance(
    grid: Grid, extent: NDArray[np.float64], radius: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Signed distance in pixels to a random, slightly lobed ellipsoid (first-order approximation)."""
    centre = rng.uniform(0, 1, 3) * extent
    radii = radius * rng.uniform(0.5, 1.6, 3)
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    rotated = [
        sum(np.float32(turn[axis, i]) * (grid[i] - np.float32(centre[i])) for i in range(3)) for axis in range(3)
    ]
    lobes = 1 + 0.08 * np.sin(rotated[0] * np.float32(rng.uniform(2, 6) / radius)) * np.sin(
        rotated[1] * np.float32(rng.uniform(2, 6) / radius)
    )
    scaled = np.sqrt(sum((rotated[axis] / np.float32(radii[axis])) ** 2 for axis in range(3)))
    gradient = np.sqrt(sum((rotated[axis] / np.float32(radii[axis] ** 2)) ** 2 for axis in range(3)))
    distance = (scaled - lobes) * scaled / np.maximum(gradient, 1e-6)
    return np.asarray(distance, dtype=np.float32)


def _paint_organ(
    volume: NDArray[np.float32], grid: Grid, extent: NDArray[np.float64], rng: np.random.Generator
) -> None:
    kind = rng.choice(4, p=(0.45, 0.2, 0.25, 0.1))
    hu = AIR_HU if kind == 3 else rng.uniform(*(SOFT_TISSUE_HU, FAT_HU, LUNG_HU)[kind])
    _paint(volume, _ellipsoid_distance(grid, extent, rng.uniform(8, 70), rng), hu)


def _paint_bone(volume: NDArray[np.float32], grid: Grid, extent: NDArray[np.float64], rng: np.random.Generator) -> None:
    """A cortical shell around trabecular bone with its mesh of trabeculae and marrow."""
    distance = _ellipsoid_distance(grid, extent, rng.uniform(4, 30), rng)
    _paint(volume, distance, rng.uniform(*CORTICAL_HU))
    inner = _coverage(distance + np.float32(rng.uniform(1, 4)))
    mesh = gaussian_filter(rng.standard_normal(volume.shape).astype(np.float32), rng.uniform(0.6, 1.5))
    mesh *= np.float32(rng.uniform(0, 150) / mesh.std())
    volume += inner * (np.float32(rng.uniform(*TRABECULAR_HU)) + mesh - volume)


def _paint_vessel(
    volume: NDArray[np.float32], grid: Grid, extent: NDArray[np.float64], rng: np.random.Generator
) -> None:
    """A gently bent tube with the contrast of unenhanced or enhanced blood, an airway, or a fissure-like thin line."""
    direction = rng.standard_normal(3) * (rng.uniform(0.2, 2.0), 1, 1)
    direction /= np.linalg.norm(direction)
    start = rng.uniform(0, 1, 3) * extent
    offset = [np.float32(1) * (grid[i] - np.float32(start[i])) for i in range(3)]
    along = sum(np.float32(direction[i]) * offset[i] for i in range(3))
    bend = np.linalg.qr(np.stack([direction, *rng.standard_normal((2, 3))], axis=1))[0][:, 1]
    sag = np.float32(rng.uniform(0, 6)) * np.sin(along * np.float32(rng.uniform(0.01, 0.08)))
    square = sum((offset[i] - np.float32(direction[i]) * along - np.float32(bend[i]) * sag) ** 2 for i in range(3))
    radius = np.float32(rng.choice((rng.uniform(0.3, 1.5), rng.uniform(1.5, 8))))
    half_length = np.float32(rng.uniform(10, 120))
    distance = np.maximum(np.sqrt(square) - radius, np.abs(along) - half_length)
    kind = rng.choice(3, p=(0.5, 0.4, 0.1))
    hu = (rng.uniform(*SOFT_TISSUE_HU), rng.uniform(*CONTRAST_HU), AIR_HU)[kind]
    # A tube thinner than a pixel covers only its share of it.
    share = np.float32(min(1.0, float(radius) * 2))
    volume += share * _coverage(np.asarray(distance, dtype=np.float32)) * (np.float32(hu) - volume)


def _paint_bars(volume: NDArray[np.float32], grid: Grid, extent: NDArray[np.float64], rng: np.random.Generator) -> None:
    """A block of parallel bars and gaps of equal width, along the sections or slanted through them."""
    angle = rng.uniform(0, np.pi)
    normal = np.array([rng.choice((0, rng.uniform(-0.5, 0.5))), np.sin(angle), np.cos(angle)])
    across, along = normal / np.linalg.norm(normal), np.array([0, np.cos(angle), -np.sin(angle)])
    centre = rng.uniform(0.1, 0.9, 3) * extent
    offset = [grid[i] - np.float32(centre[i]) for i in range(3)]
    u, v = (sum(np.float32(axis[i]) * offset[i] for i in range(3)) for axis in (across, along))
    period = np.float32(np.exp(rng.uniform(np.log(2.2), np.log(12))))
    half_sides = np.array([period * rng.integers(2, 7), rng.uniform(4, 25)], dtype=np.float32) / 2
    block = np.maximum(np.abs(u) - half_sides[0], np.abs(v) - half_sides[1])
    # Distance to the nearest edge of a bar, in pixels; the triangle wave makes edges one pixel wide.
    bars = np.abs((u / period) % 1 - np.float32(0.5)) * period - period / 4
    contrast = np.float32(np.exp(rng.uniform(np.log(15), np.log(1000))) * rng.choice((-1, 1)))
    volume += contrast * _coverage(np.asarray(block, dtype=np.float32)) * _coverage(np.asarray(bars, dtype=np.float32))


def average_down(volume: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """Average a volume onto coarser pixels within its sections: sharper for each pixel, and less noisy.

    Args:
        volume: HU values, shape (z, y, x).
        factor: New over old pixel size, 1 or more.

    Returns:
        HU values, shape (z, ⌊y / factor⌋, ⌊x / factor⌋). Each new pixel is the mean over its own area.
    """
    rows, columns = (int(side / factor) for side in volume.shape[1:])
    return np.stack([_area_average(_area_average(section, rows, factor).T, columns, factor).T for section in volume])


def _area_average(section: NDArray[np.float32], count: int, factor: float) -> NDArray[np.float32]:
    """Means of `count` equal intervals of `factor` rows, by differences of the interpolated cumulative sum."""
    cumulative = np.concatenate([np.zeros((1, section.shape[1])), np.cumsum(section, axis=0, dtype=np.float64)])
    borders = np.arange(count + 1) * factor
    below = np.minimum(borders.astype(int), section.shape[0] - 1)
    share = (borders - below)[:, None]
    at_borders = cumulative[below] * (1 - share) + cumulative[below + 1] * share
    return np.asarray(np.diff(at_borders, axis=0) / factor, dtype=np.float32)


def resample_sections(volume: NDArray[np.float32], step: float) -> NDArray[np.float32]:
    """Interpolate linearly between sections.

    Args:
        volume: HU values, shape (z, y, x).
        step: New over old increment.
    """
    positions = np.arange(0, volume.shape[0] - 1 + 1e-6, step)
    below = np.minimum(positions.astype(int), volume.shape[0] - 2)
    share = (positions - below).astype(np.float32)[:, None, None]
    return np.asarray(volume[below] * (1 - share) + volume[below + 1] * share)
