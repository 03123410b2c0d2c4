from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.measure.small_vessels.retention import NoPlaceForVesselsError, VesselTest, retention_map
from CTDenoiseLib.measure.small_vessels.vessels import VesselDirection
from support.thorax_phantom import as_volume, scanner_noise, thorax
from support.vessel_truth import retained_by_a_gaussian

SOME = VesselTest(diameters_mm=(0.5, 1.0, 2.0), contrasts_hu=(100.0, 1000.0), blur_mm=0.6)


@pytest.fixture(scope="module")
def volume():
    return as_volume(thorax() + scanner_noise(np.random.default_rng(0), sections=5))


def middle(window):
    return window[len(window) // 2]


def test_an_image_that_is_left_alone_keeps_all(volume):
    found = retention_map(middle, volume, context=1, test=SOME)
    assert [cell.share for cell in found.cells] == pytest.approx([1.0] * 6, abs=1e-4)
    assert found.words()[:2] == ("0.5 mm, 100 HU: 100 %", "0.5 mm, 1000 HU: 100 %")


@pytest.mark.parametrize("blur_pixels", [0.8, 1.5])
def test_a_gaussian_blur_leaves_what_its_transfer_function_says(volume, blur_pixels):
    found = retention_map(lambda window: gaussian_filter(middle(window), blur_pixels), volume, context=0, test=SOME)
    for cell in found.cells:
        truth = retained_by_a_gaussian(cell.vessel.diameter, blur=0.6, pixel=0.8, filter_sigma=0.8 * blur_pixels)
        assert cell.share == pytest.approx(truth, rel=0.02)


def test_noise_and_anatomy_cancel_in_what_a_linear_filter_leaves(volume):
    found = retention_map(lambda window: 0.3 * middle(window), volume, context=0, test=SOME)
    for cell in found.cells:
        assert cell.share == pytest.approx(0.3, abs=1e-4)
        assert cell.error < 1e-3


def test_a_filter_that_clips_leaves_less_of_strong_contrast(volume):
    found = retention_map(lambda window: np.minimum(middle(window), 400), volume, context=0, test=SOME)
    shares = {(cell.vessel.diameter, cell.vessel.contrast): cell.share for cell in found.cells}
    assert shares[2.0, 100.0] > 0.99
    assert shares[2.0, 1000.0] < 0.8


def test_the_error_tells_how_far_the_share_is_from_that_of_other_places():
    def of(seed):
        volume = as_volume(thorax() + scanner_noise(np.random.default_rng(seed), sections=1))
        # A threshold leaves a vessel where noise helps it over, and takes it where noise does not.
        test = VesselTest(diameters_mm=(1.0,), contrasts_hu=(150.0,), blur_mm=0.6, sites_each=20)
        (cell,) = retention_map(lambda window: np.maximum(middle(window), 110), volume, context=0, test=test).cells
        return cell

    cells = [of(seed) for seed in range(12)]
    # Twelve repeats tell their scatter within 20 %.
    assert np.mean([cell.error for cell in cells]) == pytest.approx(np.std([cell.share for cell in cells]), rel=0.6)


def test_every_kind_has_as_many_vessels_as_asked_for(volume):
    runs = []
    test = VesselTest(diameters_mm=(0.5, 1.0, 2.0), contrasts_hu=(100.0, 300.0), blur_mm=0.6, sites_each=40)
    found = retention_map(middle, volume, context=0, test=test, on_progress=lambda done, of: runs.append((done, of)))
    assert min(cell.sites for cell in found.cells) >= 40
    assert runs[-1][0] == runs[-1][1] == len(runs) > 1


def test_the_window_holds_the_neighbours_and_repeats_the_last_section(volume):
    windows = []
    test = VesselTest(section=0, diameters_mm=(1.0,), contrasts_hu=(300.0,), sites_each=2)
    retention_map(lambda window: windows.append(window.copy()) or middle(window), volume, context=2, test=test)
    np.testing.assert_array_equal(windows[0], volume.hu[[0, 0, 0, 1, 2]])
    inserted = windows[1] - windows[0]
    assert all(section.max() == pytest.approx(inserted[0].max(), rel=1e-3) for section in inserted)


def test_vessels_within_the_section_are_lost_to_an_average_of_sections(volume):
    across, within = (
        retention_map(
            lambda window: window.mean(axis=0),
            volume,
            context=1,
            test=VesselTest(diameters_mm=(1.0,), contrasts_hu=(300.0,), direction=direction),
        ).cells[0]
        for direction in VesselDirection
    )
    assert across.share == pytest.approx(1, abs=1e-3)
    # Sections are 2 mm apart, so a vessel of 1 mm lies in one of three.
    assert within.share == pytest.approx(1 / 3, abs=1e-3)


def test_peaks_of_thin_vessels_in_the_image_are_lower_than_their_contrast(volume):
    peaks = [cell.peak for cell in retention_map(middle, volume, context=0, test=SOME).cells]
    assert peaks[1] < 0.2 * 1000
    assert 600 < peaks[5] < 1000
    assert peaks[1::2] == pytest.approx([10 * peak for peak in peaks[::2]], rel=0.1)


def test_the_blur_is_estimated_from_edges_when_it_is_not_given(volume):
    assert retention_map(middle, volume, context=0).blur == pytest.approx(0.8 * 0.8, rel=0.15)


def test_the_table_has_a_row_for_each_kind(volume):
    table = retention_map(middle, volume, context=0, test=SOME).table()
    assert [row[:2] for row in table.rows] == [(d, c) for d in (0.5, 1.0, 2.0) for c in (100.0, 1000.0)]
    assert table.columns[3].heading == "Retained [%]"


def test_a_series_without_uniform_tissue_is_refused(rng):
    air = as_volume(np.full((2, 64, 64), -1000, np.float32))
    with pytest.raises(NoPlaceForVesselsError, match="choose a section"):
        retention_map(middle, air, context=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"diameters_mm": (0.0,)},
        {"diameters_mm": (5.0,)},
        {"contrasts_hu": (-10.0,)},
        {"blur_mm": -1},
        {"sites_each": 1},
    ],
)
def test_impossible_tests_are_refused(wrong):
    with pytest.raises(ValueError, match="not"):
        VesselTest(**wrong)
