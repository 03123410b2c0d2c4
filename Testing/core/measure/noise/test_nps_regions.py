from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseLib.measure.errors import (
    DifferentGridError,
    NotDenoisedHereError,
    OutsideImageError,
    TooFewVoxelsError,
)
from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.measured import NotMeasurable
from CTDenoiseLib.measure.noise.nps import UnusableRegionsError, noise_power_spectrum
from CTDenoiseLib.measure.noise.nps_regions import MOST_SQUARES, NpsRegions, square_regions
from CTDenoiseLib.measure.noise.nps_table import compare_spectra, nps_curve_table, nps_table
from CTDenoiseLib.measure.regions.region import region_voxels
from CTDenoiseLib.measure.regions.shapes import Box, Cylinder, LabelShape
from CTDenoiseLib.volume import Geometry

SPACING = (2.0, 0.5, 0.5)
SHAPE = (6, 200, 240)


@pytest.fixture
def image(rng) -> MeasuredImage:
    return measured(40 + 20 * rng.standard_normal(SHAPE))


def measured(hu: np.ndarray, *, name: str = "Input", spacing=SPACING) -> MeasuredImage:
    return MeasuredImage(name, hu.astype(np.float32), Grid.of(Geometry(spacing=spacing), hu.shape))


def box(*, sections: float, rows: float, columns: float, at=(2.5, 99.5, 119.5), grid: Grid | None = None) -> Box:
    """A box of so many sections, rows and columns around a place in voxels."""
    grid = grid or Grid.of(Geometry(spacing=SPACING), SHAPE)
    axes = grid.world_from_index[:3, :3].T / np.array(grid.spacing)[:, np.newaxis]
    return Box(grid.to_world(np.array(at)), axes, np.array([sections, rows, columns]) * grid.spacing)


def disc(*, diameter_mm: float, grid: Grid) -> Cylinder:
    return Cylinder(grid.to_world(np.array([2, 99.5, 119.5])), np.eye(3), (diameter_mm, diameter_mm), 0.0)


def places(regions: NpsRegions) -> set[tuple[int, ...]]:
    return {tuple(corner) for corner in regions.corners.tolist()}


def test_squares_overlap_by_half_and_fill_a_box(image):
    regions = square_regions(box(sections=1, rows=128, columns=96, at=(2, 99.5, 119.5)), image)
    assert regions.side == 64
    assert places(regions) == {(2, row, column) for row in (36, 68, 100) for column in (72, 104)}
    assert regions.warnings == ()


def test_squares_lie_in_the_middle_of_a_box_that_they_do_not_fill(image):
    regions = square_regions(box(sections=1, rows=70, columns=90, at=(2, 99.5, 119.5)), image, side_pixels=64)
    assert places(regions) == {(2, 68, 88)}


def test_a_disc_that_one_square_fits_in_has_it(image):
    diagonal = 64 * 0.5 * np.sqrt(2)
    regions = square_regions(disc(diameter_mm=diagonal + 0.2, grid=image.grid), image, side_pixels=64)
    assert places(regions) == {(2, 68, 88)}


@pytest.mark.parametrize("diameter_mm", [50, 65, 80, 95])
@pytest.mark.parametrize("side", [64, 33, 16])
def test_all_pixels_of_all_squares_are_inside(image, diameter_mm, side):
    shape = disc(diameter_mm=diameter_mm, grid=image.grid)
    inside = {tuple(index) for index in region_voxels(shape, image.grid).indices().tolist()}
    corners = places(square_regions(shape, image, side_pixels=side))
    assert corners
    for section, row, column in corners:
        assert {(section, row + y, column + x) for y in (0, side - 1) for x in (0, side - 1)} <= inside


def test_no_shifted_lattice_would_hold_more_squares(image):
    mask = np.zeros(SHAPE, dtype=bool)
    y, x = np.ogrid[:200, :240]
    mask[3] = ((y - 90) / 70) ** 2 + ((x - 120) / 100) ** 2 < 1
    mask[3, 80:100, 130:150] = False
    regions = square_regions(LabelShape(mask, image.grid), image, side_pixels=32)
    fits = np.lib.stride_tricks.sliding_window_view(mask[3], (32, 32)).all(axis=(2, 3))
    assert len(regions.corners) == max(fits[dy::16, dx::16].sum() for dy in range(16) for dx in range(16))


def test_a_square_touches_no_padding(image):
    hu = np.array(image.values)
    hu[2, 60:80, 100:120] = -2000
    padded = replace(image, values=hu, padding_hu=(-2000.0, -2000.0))
    regions = square_regions(box(sections=1, rows=160, columns=200, at=(2, 99.5, 119.5)), padded, side_pixels=32)
    assert regions.values(padded).min() > -1000
    assert len(regions.corners) > 20


@pytest.mark.parametrize(("pixels", "side"), [(200, 64), (150, 64), (97, 48), (70, 32), (40, 16)])
def test_squares_are_smaller_in_a_small_region_of_interest_and_that_is_said(image, pixels, side):
    regions = square_regions(box(sections=1, rows=pixels, columns=pixels, at=(2, 99.5, 119.5)), image)
    assert regions.side == side
    if side == 64:
        assert regions.warnings == ()
    else:
        (warning,) = regions.warnings
        assert f"squares of {side} × {side} are taken" in warning


def test_the_only_square_that_fits_is_taken(image):
    regions = square_regions(box(sections=1, rows=18, columns=18, at=(2, 99.5, 119.5)), image)
    assert (regions.side, len(regions.corners)) == (16, 1)


def test_several_regions_of_interest_are_pooled(image):
    left, right = (box(sections=1, rows=64, columns=64, at=(2, 99.5, column)) for column in (59.5, 179.5))
    pooled = square_regions([left, right], image, side_pixels=64)
    assert places(pooled) == {(2, 68, 28), (2, 68, 148)}
    assert pooled.independent == pytest.approx(2)


def test_sections_of_a_large_region_are_spread_evenly(rng):
    image = measured(rng.standard_normal((150, 140, 140)))
    whole = box(sections=150, rows=140, columns=140, at=(74.5, 69.5, 69.5), grid=image.grid)
    regions = square_regions(whole, image)
    assert 0.5 * MOST_SQUARES < len(regions.corners) <= MOST_SQUARES
    steps = np.diff(regions.sections)
    assert steps.max() - steps.min() <= 3
    assert regions.sections[0] < 5
    assert regions.sections[-1] > 144


def test_independent_squares_are_those_that_scatter_as_much(rng):
    shape = (1, 160, 160)
    estimates = []
    for _ in range(60):
        image = measured(rng.standard_normal(shape))
        whole = box(sections=1, rows=160, columns=160, at=(0, 79.5, 79.5), grid=image.grid)
        estimates.append(square_regions(whole, image, side_pixels=32).spectrum(image))
    scatter = np.std([estimate.power for estimate in estimates], axis=0, ddof=1)
    stated = np.mean([estimate.uncertainty for estimate in estimates], axis=0)
    assert np.mean(scatter[2:] / stated[2:]) == pytest.approx(1, abs=0.15)
    assert estimates[0].regions == 81


def test_the_same_pixels_are_read_from_each_image(image, rng):
    other = measured(rng.standard_normal(SHAPE), name="Denoised")
    regions = square_regions(box(sections=3, rows=100, columns=100), image, side_pixels=32)
    for picture in (image, other):
        found = regions.values(picture)
        for square, (section, row, column) in zip(found, regions.corners, strict=True):
            assert np.array_equal(square, picture.values[section, row : row + 32, column : column + 32])


def test_a_spectrum_of_the_squares_has_the_pixel_size_of_the_image(rng):
    image = measured(rng.standard_normal((3, 150, 150)), spacing=(1.0, 0.8, 0.4))
    whole = box(sections=3, rows=150, columns=150, at=(1, 74.5, 74.5), grid=image.grid)
    regions = square_regions(whole, image)
    spectrum = regions.spectrum(image)
    plain = noise_power_spectrum(
        regions.values(image), pixel_spacing=(0.8, 0.4), independent_regions=regions.independent
    )
    assert np.array_equal(spectrum.power, plain.power)
    assert np.array_equal(spectrum.uncertainty, plain.uncertainty)


def test_warnings_of_squares_and_spectrum_come_together(image):
    small = box(sections=1, rows=40, columns=40, at=(2, 99.5, 119.5))
    warnings = square_regions(small, image).spectrum(image).warnings
    assert [warning.split()[0:3] for warning in warnings] == [["The", "region", "of"], ["Regions", "of", "16"]]


def test_an_image_of_other_voxels_is_refused(image, rng):
    regions = square_regions(box(sections=1, rows=100, columns=100), image)
    with pytest.raises(DifferentGridError, match="“Other” has other voxels"):
        regions.values(measured(rng.standard_normal((6, 100, 100)), name="Other"))


def test_sections_not_denoised_yet_are_refused(image):
    regions = square_regions(box(sections=3, rows=100, columns=100), image)
    with pytest.raises(NotDenoisedHereError):
        regions.values(replace(image, sections=frozenset({0, 1, 2})))


def test_padding_of_another_image_is_refused(image):
    hu = np.array(image.values)
    hu[2, 90:110, 110:130] = -2000
    regions = square_regions(box(sections=1, rows=100, columns=100, at=(2, 99.5, 119.5)), image)
    with pytest.raises(UnusableRegionsError, match=r"“Denoised” holds no data in \d+ of \d+ squares"):
        regions.values(replace(image, name="Denoised", values=hu, padding_hu=(-2000.0, -2000.0)))


def test_a_region_of_interest_without_a_square_is_refused_with_the_size_it_needs(image):
    with pytest.raises(TooFewVoxelsError, match=r"no square of 16 × 16 pixels \(8\.0 × 8\.0 mm\)"):
        square_regions(box(sections=6, rows=15, columns=100), image)


def test_a_region_of_interest_outside_the_image_is_refused(image):
    with pytest.raises(OutsideImageError):
        square_regions(box(sections=1, rows=64, columns=64, at=(2, 999, 999)), image)


def test_the_table_has_a_row_for_each_image_and_the_reason_where_there_is_none(image):
    regions = square_regions(box(sections=3, rows=150, columns=150), image)
    unfinished = replace(image, name="Denoised", sections=frozenset({0}))
    spectra = compare_spectra(regions, [image, unfinished])
    table = nps_table(["Input", "Denoised"], spectra)
    first, second = (dict(zip((column.key for column in table.columns), row, strict=True)) for row in table.rows)
    assert first["image"] == "Input"
    assert first["noise"] == pytest.approx(20, rel=0.02)
    assert first["variance"] == pytest.approx(first["noise"] ** 2)
    assert first["mean_frequency"] == pytest.approx(0.5, rel=0.05)
    assert first["remarks"] == ""
    assert isinstance(spectra[1], NotMeasurable)
    assert second["noise"] is None
    assert "holds no data yet" in second["remarks"]


def test_the_curves_make_a_table(image, rng):
    regions = square_regions(box(sections=3, rows=150, columns=150), image)
    spectra = [regions.spectrum(picture) for picture in (image, measured(rng.standard_normal(SHAPE)))]
    table = nps_curve_table(["Input", "Denoised"], spectra)
    assert [column.heading for column in table.columns][:3] == [
        "Frequency [mm⁻¹]",
        "Input [HU²·mm²]",
        "Input, standard uncertainty [HU²·mm²]",
    ]
    assert np.array_equal(np.array(table.rows)[:, 3], spectra[1].power)


def test_curves_of_other_frequencies_make_no_table(rng):
    spectra = [noise_power_spectrum(rng.random((2, side, side)), pixel_spacing=(1, 1)) for side in (16, 32)]
    with pytest.raises(ValueError, match="same frequencies"):
        nps_curve_table(["a", "b"], spectra)


@pytest.mark.parametrize("side", [-4, 0, 1, 7])
def test_squares_too_small_for_a_spectrum_are_refused(side, image):
    with pytest.raises(UnusableRegionsError, match=f"8 pixels along each side, not {side}"):
        square_regions(box(sections=3, rows=100, columns=100), image, side_pixels=side)


def test_no_square_holds_values_that_are_no_numbers(image):
    values = image.values.copy()
    values[:, :90] = np.nan
    part = replace(image, values=values)
    regions = square_regions(box(sections=3, rows=180, columns=180), part)
    assert regions.corners[:, 1].min() >= 90
    assert regions.spectrum(part).noise == pytest.approx(20, rel=0.03)
    with pytest.raises(UnusableRegionsError, match="holds no data"):
        square_regions(box(sections=3, rows=180, columns=180), image).spectrum(part)
