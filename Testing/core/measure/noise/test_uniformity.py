from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.noise.detrend import subtract_surface
from CTDenoiseLib.measure.noise.uniformity import uniformity_warnings
from support.noise_phantom import cut_regions, filtered_back_projection, noise_sections


def warnings_of(regions: np.ndarray) -> tuple[str, ...]:
    return uniformity_warnings(regions, subtract_surface(regions))


@pytest.fixture
def regions(rng) -> np.ndarray:
    return 40 + 10 * rng.standard_normal((20, 64, 64))


def test_uniform_regions_of_white_noise_pass(regions):
    assert warnings_of(regions) == ()


@pytest.mark.parametrize("peak_frequency", [0.2, 0.3, 0.5])
@pytest.mark.parametrize("side", [64, 32, 16])
def test_noise_as_coarse_as_that_of_soft_kernels_passes_in_regions_of_any_size(rng, peak_frequency, side):
    spectrum = filtered_back_projection(20, peak_frequency=peak_frequency)
    sections = noise_sections(rng, spectrum, pixel_spacing=(0.5, 0.5), shape=(4, 256, 256))
    assert warnings_of(cut_regions(sections, side)) == ()


def test_cupping_passes_since_it_is_subtracted(regions):
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    assert warnings_of(regions + 100 * (x**2 + y**2 + x)) == ()


def test_a_region_with_an_edge_is_named_with_the_height(regions):
    regions[2, :, 40:] += 85
    (warning,) = warnings_of(regions)
    assert warning.startswith("Region 3 is not uniform: means of parts differ by ")
    assert 80 < float(warning.split("differ by ")[1].split(" HU")[0]) < 95


def test_an_edge_of_twice_the_noise_stands_out_from_other_regions(regions):
    regions[[2, 6], :, 40:] += 20
    (warning,) = warnings_of(regions)
    assert warning.startswith("Regions 3 and 7 are not uniform")


@pytest.mark.parametrize("row", [8, 16, 20, 32, 40])
def test_an_edge_in_a_lone_region_is_found_wherever_it_lies(regions, row):
    regions[0, row:] += 60
    (warning,) = warnings_of(regions[:1])
    assert warning.startswith("Region 1 is not uniform: means of parts differ by 6")


def test_edges_in_all_regions_are_found(regions):
    regions[:, 20:] += 60
    (warning,) = warnings_of(regions)
    assert warning.startswith("20 of 20 regions are not uniform")


def test_a_small_thing_is_named_with_its_height(regions):
    regions[4, 30:33, 30:33] += 200
    (warning,) = warnings_of(regions)
    assert warning.startswith("Region 5 is not uniform: single pixels differ from their surroundings by 2")


def test_a_filled_region_beside_noise_is_no_edge(regions):
    regions[:12] = 0
    assert warnings_of(regions) == ()
