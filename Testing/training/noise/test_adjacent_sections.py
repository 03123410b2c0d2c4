from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.noise.adjacent_sections import adjacent_section_noise


@pytest.fixture
def tissue_beside_bone(rng) -> tuple[np.ndarray, np.ndarray]:
    """Ten sections of soft tissue with a slanted bone that moves on from section to section, and their noise."""
    sections = np.full((10, 96, 96), 40.0)
    for index, section in enumerate(sections):
        section[:, 60 + 2 * index :] = 900.0
    noise = 30 * rng.standard_normal(sections.shape)
    return (sections + noise).astype(np.float32), noise


def test_noise_has_the_level_of_a_single_section(tissue_beside_bone):
    hu, _ = tissue_beside_bone
    found = adjacent_section_noise(hu)
    assert found.noise.shape == (7, 96, 96)
    assert found.noise[:, :, :48].std() == pytest.approx(30, rel=0.03)


def test_weight_is_high_in_flat_tissue_and_zero_where_anatomy_moves(tissue_beside_bone):
    found = adjacent_section_noise(tissue_beside_bone[0])
    assert found.weight[:, 10:-10, 10:40].mean() > 0.9
    for index, weight in enumerate(found.weight):
        assert weight[:, 58 + 2 * index :].max() == 0


def test_what_the_weight_lets_through_is_noise(tissue_beside_bone):
    found = adjacent_section_noise(tissue_beside_bone[0])
    assert np.abs(found.noise[found.weight > 0.1]).max() < 7 * 30
    assert np.abs(found.noise).max() > 500


def test_correlation_of_adjacent_sections_survives(rng):
    white = 30 * rng.standard_normal((30, 64, 64))
    overlapping = (white[1:] + white[:-1]) / np.sqrt(2)
    noise = adjacent_section_noise(overlapping.astype(np.float32)).noise[:, 16:-16, 16:-16]
    correlation = (noise[1:] * noise[:-1]).mean() / np.square(noise).mean()
    assert correlation == pytest.approx(0.5, abs=0.05)


def test_too_short_a_series_is_refused(tissue_beside_bone):
    with pytest.raises(DataError, match="longer series"):
        adjacent_section_noise(tissue_beside_bone[0], apart=10)


def test_sections_cannot_be_subtracted_from_themselves(tissue_beside_bone):
    with pytest.raises(DataError, match="sections_apart"):
        adjacent_section_noise(tissue_beside_bone[0], apart=0)


def test_whole_numbers_give_the_same_as_floats(tissue_beside_bone):
    rounded = np.rint(tissue_beside_bone[0])
    one, other = (adjacent_section_noise(hu) for hu in (rounded, rounded.astype(np.int16)))
    np.testing.assert_array_equal(one.noise, other.noise)
    np.testing.assert_array_equal(one.weight, other.weight)
