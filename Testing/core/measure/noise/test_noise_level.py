from __future__ import annotations

import time

import numpy as np
import pytest

from CTDenoiseLib.measure.noise.noise_level import noise_level, section_noise
from CTDenoiseLib.measure.sampling import evenly_spread

PIXEL = (0.7, 0.7)


def ct_like_noise(rng: np.random.Generator, shape: tuple[int, int], *, sd: float, cut: float) -> np.ndarray:
    """Noise with the spectrum of filtered back projection, rising from zero and cut off, and known deviation."""
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1]))
    transfer = np.sqrt(frequency) * np.exp(-((frequency / cut) ** 2))
    transfer *= sd / np.sqrt(np.square(transfer).mean())  # by Parseval's theorem
    return np.fft.ifft2(np.fft.fft2(rng.standard_normal(shape)) * transfer).real


def body(side: int = 256) -> np.ndarray:
    """Tissue with fat, organs, vessels, a lung and bones in air."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius = np.hypot(y / 0.8, x / 0.95)
    section = np.select([radius > 1, radius > 0.85, radius > 0.8], [-1000.0, -100.0, 700.0], 50.0)
    section[np.hypot(y, x + 0.4) < 0.3] = -850
    section[np.hypot(y - 0.1, x - 0.4) < 0.25] = 110
    section[(np.sin(40 * x) * np.sin(40 * y) > 0.8) & (radius < 0.8)] += 120
    return section


@pytest.mark.parametrize("sd", [3.0, 30.0, 150.0])
def test_white_noise_is_found_at_any_strength(rng, sd):
    section = np.rint(40 + sd * rng.standard_normal((512, 512))).astype(np.int16)
    assert section_noise(section, pixel_spacing=PIXEL) == pytest.approx(sd, rel=0.03)


@pytest.mark.parametrize("cut", [0.2, 0.35, 0.7], ids=["soft kernel", "medium", "sharp"])
def test_noise_of_filtered_back_projection_agrees_with_its_analytic_deviation(rng, cut):
    section = 40 + ct_like_noise(rng, (512, 512), sd=25.0, cut=cut)
    assert section_noise(section, pixel_spacing=PIXEL) == pytest.approx(25, rel=0.04)


@pytest.mark.parametrize("sd", [10.0, 40.0])
def test_anatomy_does_not_add_to_it(rng, sd):
    section = body() + sd * rng.standard_normal((256, 256))
    assert section_noise(section, pixel_spacing=(1.4, 1.4)) == pytest.approx(sd, rel=0.1)


def test_the_more_frequent_of_two_noise_levels_is_told(rng):
    sd = np.where(np.arange(512) < 360, 20.0, 45.0)
    section = 40 + sd * rng.standard_normal((512, 512))
    assert section_noise(section, pixel_spacing=PIXEL) == pytest.approx(20, rel=0.05)


def test_pixels_need_not_be_squares(rng):
    section = 40 + 20 * rng.standard_normal((512, 256))
    assert section_noise(section, pixel_spacing=(0.5, 1.0)) == pytest.approx(20, rel=0.03)


@pytest.mark.parametrize(
    ("value", "why"),
    [(-1000.0, "air"), (-850.0, "lung"), (900.0, "bone"), (-2048.0, "background")],
)
def test_what_is_not_soft_tissue_has_no_level(rng, value, why):
    section = value + 20 * rng.standard_normal((256, 256))
    assert section_noise(section, pixel_spacing=PIXEL) is None, why


def test_filled_background_at_the_hu_of_tissue_does_not_count(rng):
    section = np.zeros((512, 512))
    assert section_noise(section, pixel_spacing=PIXEL) is None
    section[256:] += 20 * rng.standard_normal((256, 512))
    assert section_noise(section, pixel_spacing=PIXEL) == pytest.approx(20, rel=0.05)


def test_structure_everywhere_means_no_level_rather_than_a_wrong_one(rng):
    y, x = np.mgrid[:256, :256]
    section = 120 * np.sin(x / 5) * np.cos(y / 5) + 3 * rng.standard_normal((256, 256))
    assert section_noise(section, pixel_spacing=PIXEL) is None


@pytest.mark.parametrize("shape", [(1, 1), (8, 300), (300, 8), (20, 20)])
def test_a_section_too_small_for_squares_has_no_level(rng, shape):
    assert section_noise(20 * rng.standard_normal(shape), pixel_spacing=PIXEL) is None


def test_a_volume_has_the_median_of_its_sections():
    assert noise_level([None, 30.0, 32.0, 90.0, None]) == 32.0
    assert noise_level([None, None]) is None
    assert noise_level([]) is None


def test_one_section_is_short_enough_for_a_user_interface(rng):
    section = np.rint(40 + 20 * rng.standard_normal((1024, 1024))).astype(np.int16)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        section_noise(section, pixel_spacing=(0.35, 0.35))
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05


@pytest.fixture(scope="module")
def chest(real_data):
    from CTDenoiseLib.dicom.find import find_series
    from CTDenoiseLib.dicom.read import read_series

    (series,) = find_series(real_data("nlst_chest_low_dose_fc51")).series
    return read_series(series)


def test_sections_through_the_liver_have_the_noise_of_the_liver(chest):
    right_lobe = slice(178, 206), slice(98, 154)  # no vessel to be seen
    for section in range(14, 33):
        by_hand = chest.hu[section][right_lobe].std()
        level = section_noise(chest.hu[section], pixel_spacing=chest.geometry.spacing[1:])
        assert level == pytest.approx(by_hand, rel=0.13), section


def test_some_sections_tell_the_level_of_a_low_dose_chest(chest):
    spacing = chest.geometry.spacing[1:]
    some = (section_noise(chest.hu[index], pixel_spacing=spacing) for index in evenly_spread(143, most=12))
    assert noise_level(some) == pytest.approx(33, rel=0.1), "in the dome of the liver by hand"


def test_of_one_scan_the_sharper_kernel_has_more_noise(real_data):
    from CTDenoiseLib.dicom.find import find_series
    from CTDenoiseLib.dicom.read import read_series

    levels = {}
    for series in find_series(real_data("philips_head_phantom_kernel_pair")).series:
        volume = read_series(series)
        spacing = volume.geometry.spacing[1:]
        levels[series.kernel] = noise_level(section_noise(section, pixel_spacing=spacing) for section in volume.hu)
    assert levels["YA"] > 3 * levels["UB"]
    assert levels["UB"] == pytest.approx(4.8, rel=0.2), "in the insert by hand"
