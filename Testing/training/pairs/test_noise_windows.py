"""Windows of noise."""

import numpy as np
import pytest

from CTDenoiseTrainLib.pairs.noise_windows import INDEPENDENT_PIXELS, NoiseWindows
from CTDenoiseTrainLib.pairs.pair_case import Place
from CTDenoiseTrainLib.pairs.section_covariance import Subtraction
from support.pair_sources import complete

SECTIONS, SIDE = 6, 64


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    # Quarters of a HU are kept exactly, so that windows are found again bit by bit.
    return np.rint(80 * np.random.default_rng(0).standard_normal((SECTIONS, SIDE, SIDE))).astype(np.float32) / 4


def where(noise: np.ndarray, window: np.ndarray, section: int) -> tuple[int, int]:
    """Row and column at which a section of the map begins with this window."""
    views = np.lib.stride_tricks.sliding_window_view(noise[section], window.shape)
    (place,) = np.argwhere((views == window).all(axis=(2, 3)))
    return tuple(place.tolist())


def test_noise_is_moved_at_random_within_the_shift_all_sections_alike(noise, rng):
    windows = NoiseWindows(complete(noise), sections=SECTIONS, shift=5, least_shift=2)
    seen = set()
    for _ in range(150):
        window = windows.draw(Place(2, 20, 30), size=(16, 16), context=1, rng=rng)
        places = {where(noise, window[offset + 1], 2 + offset) for offset in (-1, 0, 1)}
        assert len(places) == 1
        seen |= places
    moved = np.array(sorted(seen)) - (20, 30)
    assert np.abs(moved).max() == 5
    assert np.abs(moved).max(axis=1).min() == 2
    assert len(seen) > 70  # of 112 places


def test_outer_sections_are_repeated_at_the_ends(noise, rng):
    windows = NoiseWindows(complete(noise), sections=SECTIONS, shift=0)
    window = windows.draw(Place(0, 8, 8), size=(16, 16), context=2, rng=rng)
    np.testing.assert_array_equal(window, noise[[0, 0, 0, 1, 2], 8:24, 8:24])


def test_a_shorter_map_belongs_to_both_ends_of_the_images(noise, rng):
    windows = NoiseWindows(complete(noise), sections=SECTIONS + 3, shift=0)
    first = windows.draw(Place(0, 0, 0), size=(16, 16), context=1, rng=rng)
    last = windows.draw(Place(SECTIONS + 2, 0, 0), size=(16, 16), context=1, rng=rng)
    np.testing.assert_array_equal(first, noise[[0, 0, 1], :16, :16])
    np.testing.assert_array_equal(last, noise[[-2, -1, -1], :16, :16])


def test_a_map_of_another_object_is_taken_from_anywhere(noise, rng):
    windows = NoiseWindows(complete(noise), sections=None, shift=0)
    drawn = [windows.draw(Place(0, 0, 0), size=(32, 32), context=0, rng=rng)[0] for _ in range(20)]
    views = np.lib.stride_tricks.sliding_window_view(noise, (32, 32), axis=(1, 2))
    places = np.array([np.argwhere((views == window).all(axis=(3, 4)))[0] for window in drawn])
    assert len(np.unique(places[:, 0])) > 3
    assert np.ptp(places[:, 1:], axis=0).min() > 16


def test_noise_of_subtracted_sections_gets_the_covariance_of_the_series(rng):
    series = 20 * rng.standard_normal((13, 128, 128))
    noise = (series[:-3] - series[3:]) / np.sqrt(2)
    windows = NoiseWindows(
        complete(noise, subtraction=Subtraction(3)), sections=13, shift=15, least_shift=INDEPENDENT_PIXELS
    )
    drawn = [windows.draw(Place(4, 40, 40), size=(48, 48), context=3, rng=rng).reshape(7, -1) for _ in range(60)]
    found = np.cov(np.concatenate(drawn, axis=1)) / 400
    # The same 78 × 78 pixels are drawn again and again: about 1/78 is left to chance, four times that is allowed.
    np.testing.assert_allclose(found, np.eye(7), atol=0.05)
    plain = np.cov(noise[1:8, 40:88, 40:88].reshape(7, -1)) / 400
    assert plain[0, 3] < -0.4


def test_what_it_is_mixed_with_comes_from_far_enough_to_be_independent(noise, rng):
    windows = NoiseWindows(complete(noise, subtraction=Subtraction(3)), sections=SECTIONS, shift=0)
    for _ in range(100):
        # Three sections from the centre the window is the second part of the map alone.
        window = windows.draw(Place(2, 24, 24), size=(16, 16), context=3, rng=rng)
        row, column = where(noise, np.rint(4 * window[6]) / 4, 5)
        assert max(abs(row - 24), abs(column - 24)) >= INDEPENDENT_PIXELS


def test_noise_can_be_given_the_level_of_its_place(rng):
    strength = np.linspace(10, 40, SIDE)
    noise = rng.standard_normal((SECTIONS, SIDE, SIDE)) * strength
    windows = NoiseWindows(complete(noise), sections=SECTIONS, shift=14)

    def levels(level_of_place: bool) -> np.ndarray:
        return np.array(
            [
                windows.draw(Place(2, 8, 20), size=(48, 16), context=0, rng=rng, level_of_place=level_of_place).std()
                for _ in range(60)
            ]
        )

    wanted = np.sqrt(np.mean(strength[20:36] ** 2))
    # The SD of 48 × 16 values has a standard error of 2.5 %, the levels measured about as much.
    np.testing.assert_allclose(levels(True), wanted, rtol=0.15)
    assert np.ptp(levels(False)) > 0.4 * wanted
