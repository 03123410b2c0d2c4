from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseTrainLib.simulate.kernels import apodised
from CTDenoiseTrainLib.simulate.scan import ParallelScan, ScanError
from CTDenoiseTrainLib.simulate.simulated_scan import simulate

SCAN = ParallelScan(views=120, rays=128, ray_spacing_mm=1.0)
SETTINGS = {"pixel_mm": 0.5, "scan": SCAN, "kernel": apodised("hann", 0.5), "matrix": 128, "out_pixel_mm": 1.0}


@pytest.fixture(scope="module")
def phantom(painted_disc):
    """Water of 100 mm in air, and in it a rod of 300 HU and 20 mm at (−15, 20) mm; pixels of 0.5 mm."""
    body = painted_disc(240, pixel_mm=0.5, radius_mm=50)
    return 1000 * body - 1000 + 300 * painted_disc(240, pixel_mm=0.5, radius_mm=10, centre_mm=(-15, 20))


def disc(middle: tuple[float, float], radius: float):
    y, x = np.indices((128, 128)) - 63.5
    return np.hypot(y - middle[0], x - middle[1]) < radius


@pytest.fixture(scope="module")
def truth(phantom):
    return simulate(phantom, photons=1, rng=np.random.default_rng(0), noise_free=True, **SETTINGS)


def test_materials_keep_their_hu_without_noise(truth):
    assert truth[disc((-15, 20), 7)].mean() == pytest.approx(300, abs=1)
    assert truth[disc((15, -20), 15)].mean() == pytest.approx(0, abs=1)
    assert truth[disc((0, 58), 4)].mean() == pytest.approx(-1000, abs=1)


def test_materials_keep_their_hu_with_noise(phantom, rng):
    image = simulate(phantom, photons=1e6, rng=rng, **SETTINGS)
    assert image[disc((-15, 20), 7)].mean() == pytest.approx(300, abs=2)
    assert image[disc((15, -20), 15)].mean() == pytest.approx(0, abs=2)


def test_ten_times_the_photons_leave_a_tenth_of_the_variance(phantom, truth, rng):
    few, many = (
        (simulate(phantom, photons=photons, rng=rng, **SETTINGS) - truth)[disc((0, 0), 40)].var()
        for photons in (1e5, 1e6)
    )
    # 5000 pixels with noise correlated over about four: each variance within 4 %.
    assert few / many == pytest.approx(10, rel=0.15)


def test_noise_is_highest_in_the_middle_of_the_body(phantom, truth, rng):
    noise = simulate(phantom, photons=1e4, rng=rng, **SETTINGS) - truth
    assert noise[disc((0, 0), 12)].std() > 1.2 * noise[disc((0, 0), 60) & ~disc((0, 0), 52)].std()


def test_the_same_seed_gives_the_same_image(phantom):
    small = {**SETTINGS, "scan": ParallelScan(views=12, rays=128, ray_spacing_mm=1.0)}
    first, second = (simulate(phantom, photons=1e4, rng=np.random.default_rng(5), **small) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_body_wider_than_the_field_is_refused(painted_disc, rng):
    wide = 1000 * painted_disc(300, pixel_mm=0.5, radius_mm=70) - 1000
    with pytest.raises(ScanError, match="covers 64"):
        simulate(wide, photons=1e5, rng=rng, **SETTINGS)
