from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.audit.edge_ratio import edge_ratio
from CTDenoiseLib.measure.audit.effect import EffectMeter
from CTDenoiseLib.measure.noise.uniform_region import find_uniform_region
from CTDenoiseLib.volume import Geometry, Volume
from support.ct_series import anatomy


@pytest.fixture
def volume():
    return Volume(anatomy((5, 96, 96)), Geometry(spacing=(1.0, 0.5, 0.5)))


def measured(volume, after, *, sections=None):
    meter = EffectMeter(volume)
    for index in range(volume.shape[0]) if sections is None else sections:
        meter.add(index, after[index])
    return meter.result()


def test_halved_noise_is_fifty_percent_less(volume):
    clean = anatomy((5, 96, 96), noise_hu=0.0)
    effect = measured(volume, (volume.hu + clean) / 2)
    assert effect.noise_change == pytest.approx(-50, abs=0.5)
    assert effect.after.mean_hu == pytest.approx(40, abs=2)


def test_the_mean_shift_is_that_of_the_body_alone(volume):
    after = np.where(volume.hu > -300, volume.hu - 2, volume.hu + 100)
    assert measured(volume, after).mean_shift == pytest.approx(-2)


def test_the_edge_ratio_is_that_of_the_measure(volume, rng):
    after = volume.hu - rng.normal(0, 10, volume.shape).astype(np.float32)
    expected = edge_ratio(volume.hu, volume.hu - after)
    assert measured(volume, after).edges.ratio == pytest.approx(expected.ratio, rel=1e-6)


def test_without_a_body_nothing_is_measured():
    air = Volume(np.full((2, 32, 32), -1000, np.float32))
    effect = measured(air, air.hu)
    assert (effect.region, effect.after, effect.edges, effect.mean_shift, effect.noise_change) == (None,) * 5


def test_noise_is_read_where_a_search_of_the_whole_volume_finds_the_region(volume):
    effect = measured(volume, volume.hu - 5, sections=[3, 0, 4, 2, 1])
    assert effect.region == find_uniform_region(volume)
    assert effect.after.noise_hu == pytest.approx(effect.region.noise_hu, rel=1e-6)
    assert effect.after.mean_hu == pytest.approx(effect.region.mean_hu - 5, rel=1e-6)


def test_noise_is_read_in_sections_that_have_come(volume):
    last = find_uniform_region(volume).section
    effect = measured(volume, volume.hu, sections=[index for index in range(5) if index != last])
    assert effect.region.section != last
    assert effect.after.noise_hu == effect.region.noise_hu
