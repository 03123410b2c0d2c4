from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from CTDenoiseLib.measure.resolution.edge_fit import NoEdgeError, find_disc, find_straight_edge
from support.edge_phantom import Kernel, disc_picture, edge_picture

SPACING = (0.4, 0.7)


def disc(centre=(40.3, 27.8), *, contrast=100.0, enhancement=0.0):
    kernel = Kernel(0.5, enhancement)
    return disc_picture(
        (80, 56), pixel_spacing=SPACING, centre=centre, radius_mm=6.0, kernel=kernel, contrast_hu=contrast
    )


@settings(max_examples=15)
@given(y=st.floats(36, 44), x=st.floats(24, 32), contrast=st.sampled_from([-300.0, 80.0]))
def test_the_centre_of_a_disc_is_found_to_a_hundredth_of_a_pixel_in_oblong_pixels(y, x, contrast):
    found = find_disc(disc((y, x), contrast=contrast)[None], pixel_spacing=SPACING, centre=None, radius_mm=5.0)
    assert found.centre == pytest.approx((y, x), abs=0.01)
    # The edge of a blurred disc lies nearer to its centre by half the square of the blur over the radius.
    assert found.radius_mm == pytest.approx(6.0 - 0.5**2 / 12, abs=0.01)
    assert found.contrast_hu == pytest.approx(contrast, rel=0.01)


def test_ringing_does_not_move_the_centre():
    found = find_disc(disc(enhancement=1.0)[None], pixel_spacing=SPACING, centre=(38, 29), radius_mm=6.0)
    assert found.centre == pytest.approx((40.3, 27.8), abs=0.02)


def test_a_slope_of_the_surroundings_does_not_move_the_centre():
    tilted = disc() + 3.0 * np.arange(80)[:, None] * SPACING[0]
    found = find_disc(tilted[None], pixel_spacing=SPACING, centre=None, radius_mm=6.0)
    assert found.centre == pytest.approx((40.3, 27.8), abs=0.01)
    assert found.slope == pytest.approx((3.0, 0.0), abs=0.05)


def test_noise_moves_the_centre_by_hundredths_of_a_pixel(rng):
    centres = [
        find_disc(
            (disc() + 10 * rng.standard_normal((80, 56)))[None], pixel_spacing=SPACING, centre=None, radius_mm=6.0
        ).centre
        for _ in range(10)
    ]
    assert np.all(np.std(centres, axis=0) < 0.05)


def test_the_drift_of_a_tilted_rod_is_found(rng):
    sections = np.stack([disc((40.3 + 0.2 * i, 27.8 - 0.1 * i)) for i in range(-3, 4)])
    found = find_disc(sections + rng.standard_normal(sections.shape), pixel_spacing=SPACING, centre=None, radius_mm=6.0)
    assert found.drift == pytest.approx((0.2, -0.1), abs=0.01)
    assert found.centre == pytest.approx((40.3, 27.8), abs=0.02)
    distance = found.distances(sections.shape, SPACING)
    assert distance[0, 40, 28] != pytest.approx(distance[6, 40, 28], abs=0.1)


@pytest.mark.parametrize("picture", [np.zeros((60, 60)), np.random.default_rng(0).standard_normal((60, 60))])
def test_where_there_is_no_disc_none_is_found(picture):
    with pytest.raises(NoEdgeError, match="no disc of about 6 mm"):
        find_disc(picture[None], pixel_spacing=(0.5, 0.5), centre=None, radius_mm=6.0)


def test_a_radius_that_does_not_fit_at_all_is_refused():
    with pytest.raises(NoEdgeError):
        find_disc(disc()[None], pixel_spacing=SPACING, centre=(40, 28), radius_mm=2.0)


def test_a_disc_of_a_few_pixels_is_refused():
    with pytest.raises(NoEdgeError, match="Too few pixels"):
        find_disc(disc()[None], pixel_spacing=SPACING, centre=(40, 28), radius_mm=0.5)


@pytest.mark.parametrize("degrees", [4, -7, 86, 95, 173, 184, -94, 30, -140])
def test_angle_and_place_of_a_straight_edge_are_found_in_all_directions(degrees):
    picture = edge_picture(
        (50, 60), pixel_spacing=(0.5, 0.4), normal_degrees=degrees, kernel=Kernel(0.5), offset_mm=0.3
    )
    found = find_straight_edge(picture[None], pixel_spacing=(0.5, 0.4))
    expected = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    assert found.normal == pytest.approx(expected, abs=2e-4)
    middle = np.array([24.5 * 0.5, 29.5 * 0.4])
    assert found.offset_mm - middle @ np.array(found.normal) == pytest.approx(0.3, abs=0.005)
    assert found.contrast_hu == pytest.approx(100, rel=0.01)
    assert found.angle_degrees <= 45


def test_the_drift_of_a_tilted_edge_is_found():
    sections = np.stack(
        [
            edge_picture((40, 40), pixel_spacing=(0.5, 0.5), normal_degrees=5, kernel=Kernel(0.5), offset_mm=0.1 * i)
            for i in range(6)
        ]
    )
    assert find_straight_edge(sections, pixel_spacing=(0.5, 0.5)).drift_mm == pytest.approx(0.1, abs=0.005)


@pytest.mark.parametrize("picture", [np.zeros((40, 40)), np.random.default_rng(0).standard_normal((40, 40))])
def test_where_there_is_no_straight_edge_none_is_found(picture):
    with pytest.raises(NoEdgeError, match="no straight edge"):
        find_straight_edge(picture[None], pixel_spacing=(0.5, 0.5))


def test_sections_through_edges_of_two_objects_are_refused():
    first, second = (
        edge_picture(
            (40, 40), pixel_spacing=(0.5, 0.5), normal_degrees=5, kernel=Kernel(0.4), offset_mm=offset, high_hu=high
        )
        for offset, high in ((-2.0, 100.0), (2.0, 30.0))
    )
    with pytest.raises(NoEdgeError, match="do not show the same edge"):
        find_straight_edge(np.stack([first, first, second, second]), pixel_spacing=(0.5, 0.5))


@settings(max_examples=30)
@given(rows=st.integers(1, 40), columns=st.integers(1, 40), kind=st.sampled_from(["even", "step", "noise", "binary"]))
def test_any_picture_gives_an_edge_or_a_reason(rows, columns, kind):
    generator = np.random.default_rng(rows * 100 + columns)
    pictures = {
        "even": np.full((rows, columns), -1024.0),
        "step": np.where(np.arange(columns) > columns // 2, 100.0, 0.0) * np.ones((rows, 1)),
        "noise": generator.standard_normal((rows, columns)),
        "binary": generator.choice([-1000.0, 1000.0], (rows, columns)),
    }
    sections = np.stack([pictures[kind]] * 2)
    with contextlib.suppress(NoEdgeError):
        assert find_disc(sections, pixel_spacing=(0.5, 0.7), centre=None, radius_mm=3.0).width_mm >= 0.5
    with contextlib.suppress(NoEdgeError):
        assert find_straight_edge(sections, pixel_spacing=(0.5, 0.7)).width_mm >= 0.5
