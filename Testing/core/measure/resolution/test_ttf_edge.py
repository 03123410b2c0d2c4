from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.measured import NotMeasurable
from CTDenoiseLib.measure.resolution.edge_checks import CrowdedEdgeError, SaturatedEdgeError, UnevenEdgeError
from CTDenoiseLib.measure.resolution.edge_fit import NoEdgeError
from CTDenoiseLib.measure.resolution.ttf_edge import EdgeAngleError, edge_ttf
from support.edge_phantom import Kernel, edge_picture

SMOOTH, SHARP = Kernel(0.5), Kernel(0.6, enhancement=2.0)
SPACING = (0.5, 0.5)


def edge(kernel=SMOOTH, *, degrees=4.0, shape=(60, 60), spacing=SPACING, **options):
    return edge_picture(shape, pixel_spacing=spacing, normal_degrees=degrees, kernel=kernel, **options)[None]


@pytest.mark.parametrize("kernel", [SMOOTH, SHARP], ids=["smooth", "sharp and ringing"])
@pytest.mark.parametrize("degrees", [4, 176, -176, -4, 86, 94, -86, -94, 30, -130])
def test_f50_and_f10_are_those_of_the_kernel_in_all_directions(kernel, degrees):
    ttf = edge_ttf(edge(kernel, degrees=degrees), pixel_spacing=SPACING)
    assert ttf.f50.value == pytest.approx(kernel.frequency_at(0.5), rel=0.01)
    assert ttf.f10.value == pytest.approx(kernel.frequency_at(0.1), rel=0.01)
    assert ttf.contrast_hu == pytest.approx(100, rel=0.02)


@pytest.mark.parametrize("degrees", [5, 85, 40])
def test_pixels_need_not_be_squares(degrees):
    ttf = edge_ttf(edge(degrees=degrees, spacing=(0.35, 0.6)), pixel_spacing=(0.35, 0.6))
    assert ttf.f50.value == pytest.approx(SMOOTH.frequency_at(0.5), rel=0.01)


def test_the_axis_ends_at_the_nyquist_frequency_across_the_edge():
    oblong = (0.25, 0.5)
    upright = edge_ttf(edge(degrees=5, spacing=oblong, shape=(120, 60)), pixel_spacing=oblong)
    lying = edge_ttf(edge(degrees=85, spacing=oblong, shape=(120, 60)), pixel_spacing=oblong)
    assert upright.frequency[-1] == pytest.approx(1.0, rel=0.01)
    assert lying.frequency[-1] == pytest.approx(2.0, rel=0.01)


def test_the_aperture_of_the_pixels_is_part_of_it():
    ttf = edge_ttf(edge(supersampling=8), pixel_spacing=SPACING)
    expected = SMOOTH.frequency_at(0.5, aperture=lambda frequency: float(np.sinc(0.5 * frequency)))
    assert ttf.f50.value == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("degrees", [0, 0.4, 45, 90, 180, -135, 26.565])
def test_an_edge_along_the_grid_of_pixels_is_refused(degrees):
    with pytest.raises(EdgeAngleError, match="sampled too coarsely"):
        edge_ttf(edge(degrees=degrees), pixel_spacing=SPACING)


def test_noise_raises_the_uncertainty_in_proportion(rng):
    def uncertainty(noise: float) -> float:
        results = [edge_ttf(edge() + noise * rng.standard_normal((60, 60)), pixel_spacing=SPACING) for _ in range(8)]
        return float(np.mean([ttf.f50.uncertainty for ttf in results]))

    assert uncertainty(4.0) / uncertainty(1.0) == pytest.approx(4, rel=0.3)


def test_the_uncertainties_are_those_of_repeated_scans_within_thirty_percent(rng):
    results = [edge_ttf(edge() + 2 * rng.standard_normal((60, 60)), pixel_spacing=SPACING) for _ in range(60)]
    for pick in (lambda ttf: ttf.f50, lambda ttf: ttf.f10):
        values, claimed = np.array([(pick(ttf).value, pick(ttf).uncertainty) for ttf in results]).T
        assert np.sqrt(np.mean(claimed**2)) == pytest.approx(values.std(ddof=1), rel=0.3)
        assert values.mean() == pytest.approx(0.375 if values.mean() < 0.5 else 0.683, rel=0.02)


def test_below_the_contrast_to_noise_demand_nothing_is_told(rng):
    ttf = edge_ttf(edge() + 10 * rng.standard_normal((60, 60)), pixel_spacing=SPACING)
    assert isinstance(ttf.f10, NotMeasurable)
    assert "needs 15" in ttf.f10.reason


def test_a_region_without_an_edge_is_refused(rng):
    with pytest.raises(NoEdgeError):
        edge_ttf(rng.standard_normal((1, 40, 40)), pixel_spacing=SPACING)


def test_too_little_room_beside_the_edge_is_refused():
    with pytest.raises(CrowdedEdgeError, match="even surroundings on either side"):
        edge_ttf(edge(shape=(60, 12)), pixel_spacing=SPACING)


def test_something_else_in_the_region_is_refused(rng):
    picture = edge() + 2 * rng.standard_normal((60, 60))
    picture[0, 10:20, 35:43] += 60
    with pytest.raises(CrowdedEdgeError, match="Something else"):
        edge_ttf(picture, pixel_spacing=SPACING)


def test_a_bent_edge_is_refused():
    y, x = (np.indices((60, 60)) - 29.5) * 0.5
    bent = 100 * SMOOTH.edge(x + 0.07 * y - 0.01 * y**2)
    with pytest.raises(UnevenEdgeError, match="straight"):
        edge_ttf(bent[None], pixel_spacing=SPACING)


def test_a_saturated_side_is_refused(rng):
    picture = edge(low_hu=-1020, high_hu=50) + 10 * rng.standard_normal((60, 60))
    with pytest.raises(SaturatedEdgeError, match="cut off at -1024 HU"):
        edge_ttf(np.maximum(picture, -1024), pixel_spacing=SPACING)


@pytest.mark.filterwarnings("error")
def test_an_edge_far_wider_than_the_pixels_is_measured():
    kernel, spacing = Kernel(1.0), (0.02, 0.02)
    ttf = edge_ttf(edge(kernel, shape=(80, 700), spacing=spacing, degrees=5), pixel_spacing=spacing)
    assert ttf.f50.value == pytest.approx(kernel.frequency_at(0.5), rel=0.01)
