"""Veins of known course, diameter and contrast."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseTrainLib.simulate.spine_shapes import pixel_axis
from CTDenoiseTrainLib.simulate.spine_vein_pictures import paint_veins
from CTDenoiseTrainLib.simulate.spine_veins import CONTRASTS_HU, DIAMETERS_MM, Vein, VoxelGrid, draw_veins

GRID = VoxelGrid(pixel_axis(12, 0.2), pixel_axis(80, 0.15), pixel_axis(90, 0.15))
WIDE = VoxelGrid(pixel_axis(8, 0.2), pixel_axis(300, 0.15), pixel_axis(300, 0.15))


def straight(diameter: float, contrast: float = 100.0) -> Vein:
    """Slanted through the middle of the grid, so that voxels cut it in all ways."""
    along = np.linspace(-4, 4, 81)[:, None]
    return Vein(diameter, contrast, along * np.array([0.05, 0.42, 0.906]), internal=False)


@pytest.mark.parametrize("diameter", DIAMETERS_MM)
def test_a_vein_holds_the_contrast_of_its_volume(diameter: float) -> None:
    """A tube with round ends; points of 27 in a voxel make the thinnest right within 2 %."""
    vein = straight(diameter)
    painted = paint_veins([vein], GRID)
    radius = diameter / 2
    volume = np.pi * radius**2 * vein.length_mm + 4 / 3 * np.pi * radius**3
    found = painted.hu.sum(dtype=np.float64) * np.prod(GRID.spacing) / vein.contrast_hu
    assert found == pytest.approx(volume, rel=0.03)


def test_a_wide_vein_has_its_full_contrast_along_its_axis_and_none_beyond_its_surroundings() -> None:
    painted = paint_veins([straight(1.5, 300.0)], GRID)
    assert np.all(painted.hu[painted.cores == 1] == 300)
    assert np.all(painted.hu[painted.labels == 0] == 0)
    assert np.count_nonzero(painted.cores) > 100


def test_pictures_of_two_veins_are_told_apart_by_their_labels() -> None:
    above = Vein(0.6, 200.0, straight(0.6).course + np.array([0, 3.0, 0]), internal=True)
    both = paint_veins([straight(0.6), above], GRID)
    alone = paint_veins([above], GRID)
    assert np.array_equal(np.where(both.labels == 2, both.hu, 0), alone.hu)


def test_where_there_is_room_every_diameter_comes_with_every_contrast() -> None:
    veins = draw(room=3.0)
    assert sorted((vein.diameter_mm, vein.contrast_hu) for vein in veins) == [
        (diameter, contrast) for diameter in DIAMETERS_MM for contrast in CONTRASTS_HU
    ]


def test_veins_keep_a_distance_from_each_other_and_from_what_they_do_not_cross() -> None:
    room = np.broadcast_to(4.0 - np.abs(WIDE.x), WIDE.shape).astype(np.float32)
    veins = draw(room=room)
    for vein in veins:
        # A quarter of a millimetre beside the wall, less half a diagonal of a voxel.
        assert np.abs(vein.course[:, 2]).max() < 4.0 - vein.diameter_mm / 2 - 0.1
    for one, other in ((a, b) for i, a in enumerate(veins) for b in veins[:i]):
        apart = np.linalg.norm(one.course[:, None] - other.course[None], axis=2).min()
        assert apart > (one.diameter_mm + other.diameter_mm) / 2 + 0.9


def test_the_same_seed_gives_the_same_courses_and_no_room_no_vein() -> None:
    first, second = draw(room=3.0), draw(room=3.0)
    assert all(np.array_equal(a.course, b.course) for a, b in zip(first, second, strict=True))
    assert draw(room=0.3) == ()


def draw(*, room: float | np.ndarray) -> tuple[Vein, ...]:
    place = np.broadcast_to(np.float32(room), WIDE.shape)
    return draw_veins(WIDE, place, np.ones(WIDE.shape, np.float32), rng=np.random.default_rng(4))
