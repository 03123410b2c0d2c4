"""Noisier2Noise: what a network learns at best, from a simulation whose noise is known."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseTrainLib.noise.adjacent_sections import adjacent_section_noise
from CTDenoiseTrainLib.noise.section_correlation import series_correlation
from CTDenoiseTrainLib.pairs.noise_windows import INDEPENDENT_PIXELS, NoiseWindows
from CTDenoiseTrainLib.pairs.pair_case import Place
from CTDenoiseTrainLib.pairs.section_covariance import Subtraction
from CTDenoiseTrainLib.pairs.self_supervised_case import SelfSupervisedCase
from CTDenoiseTrainLib.recipe.content import PatchOptions
from support.pair_sources import description, filled, stored

SECTIONS, SIDE, CONTEXT = 20, 96, 3
TISSUE_HU = 40.0


def simulated_noise(*, along_sections: float, strength: float | np.ndarray = 20.0) -> np.ndarray:
    """Gaussian noise correlated along rows and columns, and by a Gaussian of so many sections' SD along z."""
    rng = np.random.default_rng(3)
    noise = gaussian_filter(rng.standard_normal((SECTIONS, SIDE, SIDE)), (along_sections, 0.8, 0.8), mode="wrap")
    return (noise / noise.std() * strength).astype(np.float32)


def case_of(series: np.ndarray, *, apart: int = 3, correlation: tuple[float, ...] | None = None) -> SelfSupervisedCase:
    """As `open_pairs` makes it; with a correlation of the sections other than the measured one if given."""
    if correlation is None:
        measured = series_correlation(series)
        assert measured is not None
        correlation = measured.values
    noise = filled(adjacent_section_noise(series, apart=apart), subtraction=Subtraction(apart, correlation))
    windows = NoiseWindows(noise, sections=len(series), shift=15, least_shift=INDEPENDENT_PIXELS)
    return SelfSupervisedCase(description(), series=stored(series), noise=windows, options=PatchOptions())


def optimum_error(case: SelfSupervisedCase) -> float:
    """How far the optimum is from the whole noise, as a share of the noise's variance.

    In uniform tissue the optimum of the squared error is linear in the values of the window, since all is Gaussian. It
    is found by least squares from the centre of all sections and the nearest neighbours, and compared with the input
    less the tissue, which is the whole noise.
    """
    normal, moments, count = 0.0, 0.0, 250
    for number in range(count):
        rng = np.random.default_rng([7, number])
        place = Place(*(int(rng.integers(low, high)) for low, high in ((0, SECTIONS), *(2 * [(0, SIDE - 40)]))))
        pair = case.patch(place, side=40, context=CONTEXT, rng=rng)
        whole = pair.sections.astype(np.float64) - TISSUE_HU
        middle = whole[CONTEXT]
        beside = (middle[:-2, 1:-1], middle[2:, 1:-1], middle[1:-1, :-2], middle[1:-1, 2:])
        if not CONTEXT <= place.section < SECTIONS - CONTEXT:
            continue  # repeated sections would make the equations singular
        seen = np.stack([part.ravel() for part in (*whole[:, 1:-1, 1:-1], *beside)])
        normal, moments = normal + seen @ seen.T, moments + seen @ pair.noise[1:-1, 1:-1].ravel()
    difference = np.linalg.solve(normal, moments)
    difference[CONTEXT] -= 1
    return float(difference @ normal @ difference / normal[CONTEXT, CONTEXT])


# Beside chance (0.2 %), the SD of tissue that the map is made from adds up to 0.2 %.
AS_GOOD_AS_NOTHING = 0.006


def test_the_optimum_is_the_whole_noise_of_independent_sections():
    case = case_of(TISSUE_HU + simulated_noise(along_sections=0))
    assert optimum_error(case) < AS_GOOD_AS_NOTHING


def test_so_it_is_where_neighbouring_sections_are_alike():
    noise = simulated_noise(along_sections=0.6)
    assert np.corrcoef(noise[1:].ravel(), noise[:-1].ravel())[0, 1] > 0.4
    assert optimum_error(case_of(TISSUE_HU + noise)) < AS_GOOD_AS_NOTHING


def test_so_it_is_where_the_level_changes_over_the_image():
    strength = np.linspace(12, 30, SIDE)[:, None]
    assert optimum_error(case_of(TISSUE_HU + simulated_noise(along_sections=0, strength=strength))) < 0.012


def test_noise_has_the_level_of_where_it_is_added():
    strength = np.linspace(10, 30, SIDE)[:, None]
    series = TISSUE_HU + simulated_noise(along_sections=0, strength=strength)
    noise = filled(adjacent_section_noise(series, apart=3), subtraction=Subtraction(3))
    windows = NoiseWindows(noise, sections=SECTIONS, shift=30, least_shift=30)
    still = PatchOptions(noise_scale=(1.0, 1.0), flips=False, rotations=False)
    case = SelfSupervisedCase(description(), series=stored(series), noise=windows, options=still)
    whole = np.stack([case.noise(section) for section in range(SECTIONS)])
    drawn = [
        case.patch(Place(section, 0, 0), side=SIDE, context=1, rng=np.random.default_rng(section)).noise / 2
        for section in range(SECTIONS)
    ]
    for added in (whole, np.stack(drawn)):
        # 30 rows farther noise is weaker or stronger by 6 HU; a row of 96 pixels has a level within some per cent.
        rows = added[:, 24:-24].std(axis=2) / strength[24:-24, 0]
        assert np.sqrt(np.mean((rows - 1) ** 2)) < 0.15


def test_the_optimum_is_far_off_if_shared_sections_are_not_made_up_for():
    # Noise maps as they are: correlated by −1/2 with themselves three sections on.
    series = TISSUE_HU + simulated_noise(along_sections=0)
    plain = filled(adjacent_section_noise(series, apart=3))
    windows = NoiseWindows(plain, sections=SECTIONS, shift=15, least_shift=INDEPENDENT_PIXELS)
    case = SelfSupervisedCase(description(), series=stored(series), noise=windows, options=PatchOptions())
    assert optimum_error(case) > 0.04


def test_the_optimum_is_far_off_and_the_check_says_so_if_subtracted_sections_are_alike():
    series = TISSUE_HU + simulated_noise(along_sections=2.5)
    correlation = series_correlation(series)
    assert correlation is not None
    assert correlation.too_near(3) is not None
    assert optimum_error(case_of(series, correlation=())) > 0.2


def test_noise_and_what_it_is_added_to_are_independent():
    series = TISSUE_HU + simulated_noise(along_sections=0)
    case = case_of(series)
    products, squares = [], []
    for section in range(SECTIONS):
        noise, own = case.noise(section), series[section] - TISSUE_HU
        products.append((noise * own).mean())
        squares.append((own * own).mean())
    # Each mean over 96² pixels, about a third of them independent, has a standard error of 2 %.
    assert np.mean(products) / np.mean(squares) == pytest.approx(0, abs=0.02)


def test_added_and_expected_noise_have_the_ratio_of_the_derivation():
    series = (TISSUE_HU + simulated_noise(along_sections=0)).astype(np.float32)
    case = case_of(series)
    for seed in range(20):
        pair = case.patch(Place(8, 20, 30), side=32, context=1, rng=np.random.default_rng(seed))
        added = _added(pair, series[8, 20:52, 30:62])
        ratio = float((pair.noise * added).sum() / (added * added).sum())
        scale = float(np.sqrt((added * added).mean()) / 20)
        # The noise of a single patch is known within a tenth.
        assert ratio == pytest.approx(1 + 1 / scale**2, rel=0.3)
        np.testing.assert_allclose(pair.noise, ratio * added, atol=0.02)


def _added(pair, series):
    """Input less series, laid as the pair was."""
    ways = (np.rot90(way, turn) for way in (series, series[::-1]) for turn in range(4))
    differences = [pair.sections[1] - way for way in ways]
    return min(differences, key=lambda one: float((one * one).mean()))


def test_a_whole_section_is_the_series_itself_without_a_target():
    series = TISSUE_HU + simulated_noise(along_sections=0)
    case = case_of(series)
    whole = case.whole(0, context=1)
    np.testing.assert_array_equal(whole.sections, series[[0, 0, 1]])
    assert whole.target is None


def test_its_training_pair_is_always_the_same():
    case = case_of(TISSUE_HU + simulated_noise(along_sections=0))
    one, other = (case.whole_pair(5, context=1) for _ in range(2))
    np.testing.assert_array_equal(one.sections, other.sections)
    np.testing.assert_array_equal(one.noise, other.noise)


def test_anatomy_is_less_noisy_than_the_series():
    case = case_of(TISSUE_HU + simulated_noise(along_sections=0))
    assert case.anatomy(5).std() == pytest.approx(20 / np.sqrt(3), rel=0.1)
