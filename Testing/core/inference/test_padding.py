from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.inference.padding import mirrored_indices, padded_size


@given(size=st.integers(1, 200), multiple=st.integers(1, 64))
def test_a_side_is_mirrored_as_often_as_it_takes(size, multiple):
    length = padded_size(size, multiple=multiple)
    assert size <= length < size + multiple
    assert length % multiple == 0
    expected = np.pad(np.arange(size), (0, length - size), mode="reflect")
    np.testing.assert_array_equal(mirrored_indices(size, multiple=multiple), expected)
