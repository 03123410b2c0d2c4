"""Noise maps without holes."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.noise.adjacent_sections import adjacent_section_noise
from CTDenoiseTrainLib.noise.noise_map import NoiseMap
from support.pair_sources import complete, filled
from support.thorax_phantom import scanner_noise, thorax, unevenness


def texture(rng, shape=(6, 96, 96), sd=20.0):
    """Noise correlated over a few pixels."""
    noise = gaussian_filter(rng.standard_normal(shape), (0, 1, 1))
    return (sd * noise / noise.std()).astype(np.float32)


def test_a_map_without_holes_stays_as_it_is(rng):
    noise = texture(rng)
    found = complete(noise)
    np.testing.assert_allclose(found.noise.section(2), noise[2], atol=found.noise.step)
    assert found.filled_share == 0


def test_the_level_is_the_local_standard_deviation(rng):
    strength = np.linspace(0.5, 1.5, 96, dtype=np.float32)
    level = complete(texture(rng) * strength).level
    # A column of a neighbourhood's width holds some hundred independent pixels in each section; at the borders a
    # neighbourhood has one side only.
    columns = level[:, :, 2:-2].mean(axis=(0, 1))
    np.testing.assert_allclose(columns, 20 * strength.reshape(12, 8).mean(axis=1)[2:-2], rtol=0.05)


def test_holes_are_filled_with_noise_of_the_same_level_and_texture(rng):
    noise = texture(rng)
    weight = np.ones_like(noise)
    weight[:, 20:50, 30:70] = 0
    damaged = noise.copy()
    damaged[:, 20:50, 30:70] += 300  # anatomy that must not stay
    found = filled(NoiseMap(noise=damaged, weight=weight))
    inside = np.stack([found.noise.section(index) for index in range(6)])[:, 22:48, 32:68]
    assert abs(inside.mean()) < 5
    assert inside.std() == pytest.approx(20, rel=0.1)
    neighbours = np.corrcoef(inside[:, 1:].ravel(), inside[:, :-1].ravel())[0, 1]
    true_neighbours = np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]
    assert neighbours == pytest.approx(true_neighbours, abs=0.05)
    assert found.filled_share == pytest.approx(1200 / 96**2, rel=0.01)


def test_a_section_with_little_pure_noise_has_hardly_a_hole_left(rng):
    """Where noise is missing the network would learn to leave it."""
    noise = texture(rng, (6, 192, 192))
    weight = np.ones_like(noise)
    weight[3] = 0
    for row, column in rng.integers(0, 168, (9, 2)):
        weight[3, row : row + 24, column : column + 24] = 1
    assert weight[3].mean() < 0.16
    section = filled(NoiseMap(noise=noise, weight=weight)).noise.section(3)
    assert (np.abs(section) < 0.05).mean() < 0.02
    assert section.std() == pytest.approx(20, rel=0.15)


def test_the_level_is_kept_where_no_place_is_quite_pure(rng):
    noise = texture(rng)
    found = filled(NoiseMap(noise=noise, weight=np.full_like(noise, 0.3)))
    assert found.noise.section(2).std() == pytest.approx(20, rel=0.1)


def test_filled_sections_stay_correlated_with_their_neighbours(rng):
    noise = gaussian_filter(rng.standard_normal((8, 96, 96)), (0.8, 1, 1)).astype(np.float32)
    noise *= 20 / noise.std()
    weight = np.ones_like(noise)
    weight[:, 20:60, 20:60] = 0
    found = filled(NoiseMap(noise=noise, weight=weight))
    inside = np.stack([found.noise.section(index) for index in range(8)])[:, 20:60, 20:60]
    wanted = np.corrcoef(noise[1:].ravel(), noise[:-1].ravel())[0, 1]
    assert np.corrcoef(inside[1:].ravel(), inside[:-1].ravel())[0, 1] == pytest.approx(wanted, abs=0.05)


def test_the_level_behind_anatomy_is_judged_within_fifteen_percent(rng):
    sections = np.stack([np.roll(thorax(), index, axis=0) for index in range(8)])
    noise = scanner_noise(rng, sections=8, uneven=True)
    found = filled(adjacent_section_noise((sections + noise).astype(np.float32), apart=3))
    assert found.filled_share > 0.6
    truth = noise.std() * unevenness() / np.sqrt(np.mean(unevenness() ** 2))
    truth = truth.reshape(32, 8, 32, 8).mean(axis=(1, 3))
    body = thorax().reshape(32, 8, 32, 8).max(axis=(1, 3)) > -900
    ratio = found.level.mean(axis=0)[body] / truth[body]
    assert np.percentile(ratio, (5, 50, 95)) == pytest.approx((1, 1, 1), abs=0.15)


def test_no_noise_where_a_section_holds_none(rng):
    noise = texture(rng)
    noise[:, :, :32] = 0
    weight = np.ones_like(noise)
    weight[:, :, :32] = 0
    found = filled(NoiseMap(noise=noise, weight=weight))
    # Levels of neighbouring blocks go over into each other.
    assert np.abs(found.noise.section(0)[:, :8]).max() < 1


@pytest.mark.parametrize("strength", [0, 1])
def test_a_map_of_hardly_any_noise_is_refused(rng, strength):
    noise = strength * texture(rng)
    with pytest.raises(DataError, match=r"Hardly anything of the noise map of patient A is pure noise \(0.0 %\)"):
        filled(NoiseMap(noise=noise, weight=np.zeros_like(noise)))
