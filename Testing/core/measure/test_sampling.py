from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.noise.uniform_region import find_uniform_region
from CTDenoiseLib.measure.sampling import SampledVolume, evenly_spread, sampled_sections
from CTDenoiseLib.volume import Geometry, Volume
from support.ct_series import anatomy


@given(sections=st.integers(1, 3000), most=st.integers(1, 30))
def test_sections_are_spread_over_the_whole_and_never_too_many(sections, most):
    chosen = evenly_spread(sections, most=most)
    assert 1 <= len(chosen) <= most
    before, after = chosen[0], sections - 1 - chosen[-1]
    assert 0 <= before < chosen.step
    assert abs(before - after) <= 1


@given(sections=st.integers(1, 3000))
def test_a_sample_holds_the_neighbours_of_each_section_looked_at(sections):
    sample = sampled_sections(sections)
    assert len(sample) <= 72
    assert list(sample) == sorted(set(sample))
    for index in evenly_spread(sections):
        assert {max(index - 1, 0), index, min(index + 1, sections - 1)} <= set(sample)


@pytest.mark.parametrize("padding", [None, (-1000.0, -1000.0)])
def test_measuring_the_sample_is_measuring_the_volume(padding):
    hu = anatomy((100, 64, 64))
    geometry = Geometry(spacing=(1.0, 0.8, 0.8))
    whole = Volume(hu, geometry, padding=None if padding is None else np.tile(np.float32(padding), (100, 1)))
    sections = sampled_sections(100)
    sample = SampledVolume(
        hu[list(sections)].astype(np.int16), sections, sections_in_all=100, geometry=geometry, padding_hu=padding
    )
    assert sample.shape == whole.shape
    region = find_uniform_region(sample)
    assert region is not None
    assert region == find_uniform_region(whole)
    for index in evenly_spread(100):
        np.testing.assert_array_equal(sample.padding_mask(index), whole.padding_mask(index))
