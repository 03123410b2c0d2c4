from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseTrainLib.simulate.kernels import RAM_LAK, SHARP_QUANTITATIVE, SMOOTH, RollOff, apodised
from CTDenoiseTrainLib.simulate.scan import ScanError

WINDOWS = ["hann", "hamming", "cosine", "shepp-logan"]


@given(
    st.one_of(
        st.builds(apodised, st.sampled_from(WINDOWS), st.floats(0.1, 5)),
        st.builds(
            RollOff,
            st.just("any"),
            st.floats(0.1, 5),
            st.floats(1, 8),
            st.floats(0, 1),
            st.floats(0, 2),
            st.floats(0.1, 2),
        ),
        st.sampled_from([RAM_LAK, SHARP_QUANTITATIVE, SMOOTH]),
    )
)
def test_large_areas_keep_their_value_with_every_kernel(kernel):
    assert kernel.gain(np.zeros(1)) == pytest.approx([1], abs=1e-12)


@pytest.mark.parametrize(
    ("window", "half_way", "end"),
    [
        ("hann", 0.5, 0),
        ("hamming", 0.54, 0.08),
        ("cosine", np.sqrt(0.5), 0),
        ("shepp-logan", np.sin(np.pi / 4) / (np.pi / 4), 2 / np.pi),
    ],
)
def test_windows_have_the_values_of_the_textbook(window, half_way, end):
    # Half-way to the cut-off, at it, and beyond.
    assert apodised(window, 0.8).gain(np.array([0.4, 0.8, 0.81])) == pytest.approx([half_way, end, 0], abs=1e-12)


def test_roll_off_is_one_half_where_it_says():
    assert RollOff("soft", half_per_mm=0.35, steepness=3).gain(np.array([0.35])) == pytest.approx([0.5])


def test_edge_enhancement_lifts_the_gain_above_one():
    assert RollOff("bone", 1.0, 3.0, boost=0.6, centre_per_mm=0.5, width_per_mm=0.3).gain(np.array([0.5]))[0] > 1.2


@pytest.mark.parametrize(("kernel", "half", "tenth"), [(SHARP_QUANTITATIVE, 2.0, 0.5 / 0.15), (SMOOTH, 0.6, 1.0)])
def test_named_kernels_have_the_resolution_they_state(kernel, half, tenth):
    assert kernel.gain(np.array([half, tenth])) == pytest.approx([0.5, 0.1], abs=2e-3)


def test_a_window_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(ScanError, match="hann, hamming, cosine, shepp-logan"):
        apodised("welch", 1.0)


@pytest.mark.parametrize("make", [lambda: apodised("hann", 0.0), lambda: RollOff("no resolution", 0.0)])
def test_a_kernel_that_lets_nothing_pass_is_refused(make):
    with pytest.raises(ScanError, match="above"):
        make()
