from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseLib.measure.errors import DifferentGridError, NotDenoisedHereError
from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.measured import Measured, NotMeasurable
from CTDenoiseLib.measure.noise.global_noise_level import (
    GlobalNoiseLevel,
    global_noise_level,
    local_deviation_map,
    tissue_mask,
)
from CTDenoiseLib.measure.noise.noise_level import section_noise
from CTDenoiseLib.volume import Volume
from support.noise_phantom import KnownSpectrum, blotchy, filtered_back_projection, noise_sections
from support.tilted_grid import tilted_grid

PIXEL = (0.7, 0.7)
SIDE = 320


def image(values: np.ndarray, name: str = "image", **grid: object) -> MeasuredImage:
    return MeasuredImage(name, values, tilted_grid(values.shape, **{"spacing": (2.0, *PIXEL), **grid}))


def body(side: int = SIDE) -> np.ndarray:
    """A section of soft tissue with fat, an organ, vessels, a lung and bones, in air."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius = np.hypot(y / 0.8, x / 0.95)
    section = np.select([radius > 1, radius > 0.85, radius > 0.8], [-1000.0, -100.0, 700.0], 50.0)
    section[np.hypot(y, x + 0.4) < 0.3] = -850
    section[np.hypot(y - 0.1, x - 0.4) < 0.25] = 110
    section[(np.sin(25 * x) * np.sin(25 * y) > 0.9) & (radius < 0.8)] += 120
    return section


def noisy_body(rng: np.random.Generator, noise: KnownSpectrum | float, sections: int = 3) -> np.ndarray:
    shape = (sections, SIDE, SIDE)
    if isinstance(noise, float):
        return body() + noise * rng.standard_normal(shape)
    return body() + noise_sections(rng, noise, pixel_spacing=PIXEL, shape=shape)


def level(found: GlobalNoiseLevel) -> Measured:
    assert isinstance(found.level, Measured), found
    return found.level


def level_of(values: np.ndarray) -> float:
    return level(global_noise_level([image(values)])[0]).value


@pytest.mark.parametrize("sd", [5.0, 20.0, 60.0, 120.0, 200.0, 250.0])
def test_white_noise_in_a_body_is_found_within_three_percent(rng, sd):
    assert level_of(np.rint(noisy_body(rng, sd)).astype(np.int16)) == pytest.approx(sd, rel=0.03)


@pytest.mark.parametrize("sd", [5.0, 60.0, 200.0, 250.0])
@pytest.mark.parametrize("peak_frequency", [0.14, 0.18, 0.23], ids=["soft kernel", "medium", "sharp"])
def test_noise_as_of_filtered_back_projection_is_found_within_five_percent(rng, sd, peak_frequency):
    noise = filtered_back_projection(sd, peak_frequency=peak_frequency)
    assert level_of(noisy_body(rng, noise)) == pytest.approx(sd, rel=0.05)


@pytest.mark.parametrize("sd", [5.0, 60.0, 200.0])
def test_of_blotchy_noise_no_more_than_a_tenth_is_missed(rng, sd):
    assert 0.9 < level_of(noisy_body(rng, blotchy(sd, width=0.2))) / sd < 1.02


def test_the_uncertainty_is_the_scatter_of_repeated_scans(rng):
    found = [level(global_noise_level([image(noisy_body(rng, 30.0, 1))])[0]) for _ in range(25)]
    scatter = np.std([each.value for each in found])
    # 25 repetitions know their scatter within 14 %.
    assert np.median([each.uncertainty for each in found]) == pytest.approx(scatter, rel=0.45)


def test_all_images_are_measured_in_the_identical_pixels_of_the_first(rng):
    noise = 200 * rng.standard_normal((2, SIDE, SIDE))
    before, after = image(body() + noise, "input"), image(body() + 0.1 * noise, "denoised")
    first, second = global_noise_level([before, after])
    assert (first.name, second.name) == ("input", "denoised")
    assert first.pixels == second.pixels
    assert level(first).value == pytest.approx(200, rel=0.03)
    assert level(second).value == pytest.approx(20, rel=0.06)


def test_layers_of_fat_and_muscle_are_not_taken_for_the_noise_of_a_denoised_image(rng):
    """Borders are in most windows, and twenty times stronger than the noise that is left."""
    layers = np.where(np.arange(SIDE)[:, None] // 12 % 2 == 0, -100.0, 50.0) + np.zeros(SIDE)
    layers[:40] = 50
    noise = rng.standard_normal((1, SIDE, SIDE))
    before, after = global_noise_level([image(layers + 30 * noise), image(layers + 3 * noise)])
    assert level(before).value == pytest.approx(30, rel=0.05)
    assert level(after).value == pytest.approx(3, rel=0.05)


def test_a_plain_threshold_would_find_less_than_half_of_strong_noise(rng):
    section = body() + 200 * rng.standard_normal((SIDE, SIDE))
    thresholded = section[(section > 0) & (section < 150)].std()
    assert thresholded < 100
    assert level_of(section[None]) == pytest.approx(200, rel=0.03)


def test_the_mask_is_soft_tissue_however_noisy(rng):
    clean = body()
    inside = (clean > -150) & (clean < 200)
    for sd in (0.0, 250.0):
        found = tissue_mask(clean + sd * rng.standard_normal(clean.shape), pixel_spacing=PIXEL)
        assert (found & inside).sum() > 0.85 * inside.sum()
        # At the skin and the lungs smoothing passes through the HU of tissue.
        assert (found & ~inside).sum() < 0.15 * inside.sum()


def test_the_map_holds_the_deviation_of_the_window_around_each_pixel(rng):
    picture = 1000 + 30 * rng.standard_normal((40, 50))
    found = local_deviation_map(picture, window=(7, 9))
    assert found[20, 30] == pytest.approx(picture[17:24, 26:35].std(ddof=1))


def test_each_section_has_its_level_and_the_volume_their_median(rng):
    sd = np.array([20.0, 30.0, 90.0])[:, None, None]
    (found,) = global_noise_level([image(body() + sd * rng.standard_normal((3, SIDE, SIDE)))])
    assert list(found.sections.values()) == pytest.approx([20, 30, 90], rel=0.05)
    assert level(found).value == found.sections[1]


def test_oblong_pixels_and_tilted_grids_make_no_difference(rng):
    values = 40 + 25 * rng.standard_normal((2, 300, 150))
    (found,) = global_noise_level([image(values, spacing=(2.0, 0.5, 1.0), degrees=(20, 30, 40))])
    assert level(found).value == pytest.approx(25, rel=0.02)


def test_only_sections_that_all_images_hold_are_looked_at(rng):
    values = 40 + 25 * rng.standard_normal((6, 200, 200))
    values[0] = values[5] = 0
    some = replace(image(values), sections=frozenset({1, 2, 3, 4}))
    first, _ = global_noise_level([image(values), some])
    assert sorted(first.sections) == [1, 2, 3, 4]
    with pytest.raises(NotDenoisedHereError, match="No section"):
        global_noise_level([some, replace(some, sections=frozenset({0, 5}))])


def test_padding_does_not_count(rng):
    """Every window holds rows of padding here, so that none counts."""
    values = 40 + 25 * rng.standard_normal((1, 300, 300))
    values[:, ::6] = 41
    assert level_of(values) < 24
    (found,) = global_noise_level([replace(image(values), padding_hu=(41, 41))])
    assert isinstance(found.level, NotMeasurable)


@pytest.mark.parametrize("hu", [-1000.0, -850.0, 900.0, -2048.0], ids=["air", "lung", "bone", "background"])
def test_without_soft_tissue_there_is_no_level_but_a_reason(rng, hu):
    (found,) = global_noise_level([image(hu + 20 * rng.standard_normal((2, 200, 200)))])
    assert isinstance(found.level, NotMeasurable)
    assert "Too little soft tissue" in found.level.reason
    assert (found.pixels, dict(found.sections)) == (0, {})


def test_filled_tissue_has_no_noise_to_read():
    (found,) = global_noise_level([image(np.zeros((1, 300, 300)))])
    assert isinstance(found.level, NotMeasurable)


def test_images_of_different_voxels_are_refused(rng):
    values = 40 + 25 * rng.standard_normal((2, 200, 200))
    with pytest.raises(DifferentGridError, match="different voxels"):
        global_noise_level([image(values), image(values, spacing=(2.0, 0.6, 0.6))])


@pytest.fixture(scope="module")
def read(real_data) -> Callable[[str], list[tuple[str | None, Volume]]]:
    from CTDenoiseLib.dicom.find import find_series
    from CTDenoiseLib.dicom.read import read_series

    def read_all(folder: str) -> list[tuple[str | None, Volume]]:
        return [(series.kernel, read_series(series)) for series in find_series(real_data(folder)).series]

    return read_all


def test_a_low_dose_chest_has_the_noise_read_by_hand_in_its_liver(read):
    ((_, chest),) = read("nlst_chest_low_dose_fc51")
    (found,) = global_noise_level([MeasuredImage.of(chest, name="NLST")])
    assert level(found).value == pytest.approx(33, rel=0.1), "in the dome of the liver by hand"
    shoulders, heart = found.sections[134], found.sections[98]
    assert shoulders > 2.5 * heart, "fewest quanta get through the shoulders"
    quick = [section_noise(chest.hu[section], pixel_spacing=chest.geometry.spacing[1:]) for section in found.sections]
    assert np.median(np.array(list(found.sections.values())) / quick) == pytest.approx(1, rel=0.03)


def test_of_one_scan_the_sharper_kernel_has_more_noise(read):
    volumes = dict(read("philips_head_phantom_kernel_pair"))
    ub, ya = global_noise_level([MeasuredImage.of(volumes[kernel], name=kernel) for kernel in ("UB", "YA")])
    assert 4 < level(ya).value / level(ub).value < 8


def test_water_has_the_noise_of_water(read):
    water = [volume for _, volume in read("ge_water_phantom") if volume.hu[0, 236:276, 236:276].std() < 10]
    assert len(water) == 2, "the third is a pattern of bars"
    for volume in water:
        (found,) = global_noise_level([MeasuredImage.of(volume, name="water")])
        # Noise is strongest in the middle of a cylinder, and most pixels are not there.
        assert 0.85 < level(found).value / volume.hu[0, 236:276, 236:276].std() < 1.02


def test_a_quarter_of_the_dose_has_twice_the_noise(real_data):
    import pydicom

    folder = real_data("mayo_dose_pairs")
    ratios = []
    for path in sorted((folder / "full").iterdir())[::3]:
        pair = []
        for file in (path, folder / "quarter" / path.name.replace("_FD", "_QD")):
            header = pydicom.dcmread(file)
            hu = header.pixel_array * float(header.RescaleSlope) + float(header.RescaleIntercept)
            pair.append(image(hu[None], spacing=(3.0, *map(float, header.PixelSpacing))))
        full, quarter = global_noise_level(pair)
        ratios.append(level(quarter).value / level(full).value)
    # Electronic noise adds to the quanta's.
    assert 2.0 < np.median(ratios) < 2.4
    assert all(1.8 < ratio < 2.7 for ratio in ratios)
