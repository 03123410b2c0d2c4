from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.small_vessels.edge_blur import LEAST_BLUR_PIXELS, edge_blur
from support.thorax_phantom import scanner_noise, thorax


@pytest.mark.parametrize("blur", [0.7, 1.0, 1.5])
@pytest.mark.parametrize("sd", [0.0, 30.0])
def test_the_blur_of_a_noisy_thorax_is_found_within_15_percent(rng, blur, sd):
    noisy = thorax(blur=blur) + scanner_noise(rng, sd=sd or 1e-3)[0]
    assert edge_blur(noisy, pixel_spacing=(0.5, 0.5)) == pytest.approx(0.5 * blur, rel=0.15)


def test_a_sharper_image_than_pixels_can_show_has_half_a_pixel():
    assert edge_blur(thorax(blur=0.1), pixel_spacing=(0.6, 0.6)) == pytest.approx(0.6 * LEAST_BLUR_PIXELS)


def test_without_strong_edges_the_blur_is_unknown(rng):
    water = rng.normal(0, 20, (64, 64))
    assert edge_blur(water, pixel_spacing=(1, 1)) is None
    assert edge_blur(np.zeros((64, 64)), pixel_spacing=(1, 1)) is None
    assert edge_blur(1000 * rng.random((1, 64)), pixel_spacing=(1, 1)) is None
