from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.inference.tiles import divide, tilings

sides = st.tuples(st.integers(1, 24), st.sampled_from([1, 4, 16, 32])).map(lambda pair: (pair[0] * pair[1], pair[1]))


@given(side=sides, parts=st.integers(1, 16), halo=st.integers(0, 240))
def test_parts_cover_a_side_once_and_are_read_with_their_halo_on_the_grid_of_the_network(side, parts, halo):
    length, stride = side
    written = np.zeros(length, dtype=int)
    for span in divide(length, parts=parts, halo=halo, stride=stride):
        written[span.write] += 1
        assert span.read.start == 0 or span.write.start - span.read.start >= halo
        assert span.read.stop == length or span.read.stop - span.write.stop >= halo
        assert span.read.start % stride == span.read.stop % stride == 0
        assert np.arange(length)[span.read][span.keep].tolist() == np.arange(length)[span.write].tolist()
    assert (written == 1).all()


@given(side=sides, halo=st.integers(0, 240))
def test_each_tiling_needs_less_memory_and_more_work_than_the_one_before(side, halo):
    ladder = tilings(side[0], side[0], halo=halo, stride=side[1])
    assert len(ladder[0]) == 1
    assert ladder[0].largest == (side[0], side[0])
    for before, after in pairwise(ladder):
        assert after.pixels < before.pixels
        assert after.work >= before.work


def test_the_full_hrcnn_on_a_large_section_halves_its_memory_at_twice_the_work():
    quarters = next(tiling for tiling in tilings(1024, 1024, halo=219, stride=32) if len(tiling) == 4)
    assert quarters.largest == (736, 736)
    assert quarters.work == (2 * 736) ** 2
