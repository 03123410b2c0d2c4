from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gamma, j0, j1

from CTDenoiseLib.measure.noise.nps import noise_power_spectrum
from CTDenoiseLib.measure.resolution.detectability import DiscTask, ImpossibleTaskError, detectability
from CTDenoiseLib.measure.resolution.eye_filter import EyeFilter, Viewing
from CTDenoiseLib.measure.resolution.ttf_disc import disc_ttf
from support.edge_phantom import Kernel, disc_picture
from support.noise_phantom import cut_regions, filtered_back_projection, noise_sections

NYQUIST = 1.0
FREQUENCY = np.linspace(0, NYQUIST, 300)
PERFECT = SimpleNamespace(frequency=FREQUENCY, value=np.ones_like(FREQUENCY))
SHARP_EYED = Viewing(eye=None)


def blurred(sigma: float) -> SimpleNamespace:
    return SimpleNamespace(frequency=FREQUENCY, value=Kernel(sigma).transfer(FREQUENCY))


def white(power: float) -> SimpleNamespace:
    return SimpleNamespace(frequency=FREQUENCY, power=np.full_like(FREQUENCY, power))


@given(diameter=st.floats(4, 40), contrast=st.floats(-50, 50).filter(lambda c: abs(c) > 0.1), power=st.floats(1, 900))
def test_a_disc_in_white_noise_has_the_index_of_the_matched_filter(diameter, contrast, power):
    found = detectability(PERFECT, white(power), DiscTask(diameter, contrast), viewing=SHARP_EYED).index
    # What lies beyond the Nyquist frequency is lost: ∫₀ᵁ J₁²(u)/u du = (1 − J₀²(U) − J₁²(U)) / 2.
    end = np.pi * diameter * NYQUIST
    share = 1 - j0(end) ** 2 - j1(end) ** 2
    expected = abs(contrast) * np.sqrt(np.pi * diameter**2 / 4 / power * share)
    assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("sigma", [0.5, 1.0])
def test_a_point_in_white_noise_has_the_index_of_its_blur(sigma):
    task = DiscTask(0.01, 1e5)
    area = np.pi * 0.005**2
    expected = 1e5 * area / (2 * np.sqrt(np.pi) * sigma * np.sqrt(25.0))
    assert detectability(blurred(sigma), white(25.0), task, viewing=SHARP_EYED).index == pytest.approx(
        expected, rel=1e-3
    )


def test_the_eye_filter_enters_as_its_square_above_and_its_fourth_power_below():
    eye, viewing = EyeFilter(), Viewing()
    sigma, power = 0.8, 25.0
    per_frequency = float(viewing.cycles_per_degree(np.array([1.0]))[0])

    def integral(eyes: int) -> float:
        """∫ Eⁿ·TTF²·2πf df of a Gaussian blur and this eye, in closed form."""
        width = eyes * eye.decay * per_frequency**2 + 4 * np.pi**2 * sigma**2
        exponent = (eyes * eye.exponent + 2) / 2
        return np.pi * per_frequency ** (eyes * eye.exponent) * gamma(exponent) / width**exponent

    expected = 1e5 * np.pi * 0.005**2 * integral(2) / np.sqrt(power * integral(4))
    found = detectability(blurred(sigma), white(power), DiscTask(0.01, 1e5), viewing=viewing)
    assert found.index == pytest.approx(expected, rel=1e-3)


def test_the_scale_of_the_eye_does_not_matter():
    class DoubleEye(EyeFilter):
        def __call__(self, cycles_per_degree):
            return 2 * super().__call__(cycles_per_degree)

    task = DiscTask(5.0, 10.0)
    once = detectability(blurred(0.5), white(25.0), task)
    assert detectability(blurred(0.5), white(25.0), task, viewing=Viewing(eye=DoubleEye())).index == pytest.approx(
        once.index
    )


def test_the_index_is_proportional_to_contrast_and_inverse_to_noise():
    curves = blurred(0.5), white(25.0)
    index = detectability(*curves, DiscTask(5.0, 10.0)).index
    assert detectability(*curves, DiscTask(5.0, -30.0)).index == pytest.approx(3 * index)
    assert detectability(blurred(0.5), white(100.0), DiscTask(5.0, 10.0)).index == pytest.approx(index / 2)


def test_the_integrals_end_where_the_shorter_curve_ends():
    short = SimpleNamespace(frequency=FREQUENCY[:150], power=np.full(150, 25.0))
    assert detectability(PERFECT, short, DiscTask(5.0, 10.0)).highest_frequency == FREQUENCY[149]


def test_blotchy_noise_hides_a_large_disc_more_than_fine_noise_of_the_same_strength():
    task = DiscTask(10.0, 10.0)
    fine, coarse = (filtered_back_projection(20.0, peak_frequency=peak) for peak in (0.5, 0.15))
    indices = [
        detectability(blurred(0.5), SimpleNamespace(frequency=FREQUENCY, power=noise.power(FREQUENCY)), task).index
        for noise in (fine, coarse)
    ]
    assert indices[0] > 2 * indices[1]


def test_measured_curves_give_the_index_of_the_known_ones(rng):
    kernel, spacing = Kernel(0.5), (0.5, 0.5)
    spectrum = filtered_back_projection(10.0, peak_frequency=0.3)
    rod = disc_picture((80, 80), pixel_spacing=spacing, centre=(39.6, 40.2), radius_mm=8.0, kernel=kernel)
    ttf = disc_ttf(rod[None], pixel_spacing=spacing, radius_mm=8.0)
    sections = noise_sections(rng, spectrum, pixel_spacing=spacing, shape=(12, 256, 256))
    nps = noise_power_spectrum(cut_regions(sections, 64), pixel_spacing=spacing)
    known = SimpleNamespace(frequency=FREQUENCY, power=spectrum.power(FREQUENCY))
    task = DiscTask(5.0, 10.0)
    assert detectability(ttf, nps, task).index == pytest.approx(
        detectability(blurred(0.5), known, task).index, rel=0.02
    )


def test_without_noise_there_is_no_index():
    with pytest.raises(ImpossibleTaskError, match="no noise"):
        detectability(PERFECT, white(0.0), DiscTask(5.0, 10.0))


@pytest.mark.parametrize(("diameter", "contrast"), [(0.0, 10.0), (np.inf, 10.0), (5.0, 0.0), (5.0, np.nan)])
def test_a_disc_without_size_or_contrast_is_refused(diameter, contrast):
    with pytest.raises(ImpossibleTaskError, match="a diameter above zero, and a contrast"):
        DiscTask(diameter, contrast)
