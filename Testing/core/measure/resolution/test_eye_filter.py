from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.resolution.eye_filter import EyeFilter, ImpossibleViewingError, Viewing


def test_the_eye_is_most_sensitive_at_four_cycles_per_degree():
    frequency = np.linspace(0.1, 20, 2000)
    assert EyeFilter().peak == pytest.approx(4)
    assert frequency[EyeFilter()(frequency).argmax()] == pytest.approx(4, abs=0.02)


def test_other_eyes_can_be_given():
    broad = EyeFilter(exponent=1.5, decay=0.98, power=0.68)
    frequency = np.linspace(0.1, 20, 2000)
    assert frequency[broad(frequency).argmax()] == pytest.approx(broad.peak, abs=0.02)


def test_a_millimetre_seen_from_573_millimetres_is_a_tenth_of_a_degree():
    cycles = Viewing(distance_mm=573.0).cycles_per_degree(np.array([1.0]))
    assert cycles == pytest.approx(10.0, rel=1e-3)


def test_zoom_makes_frequencies_lower_and_distance_higher():
    plain = Viewing().cycles_per_degree(np.array([1.0]))
    assert Viewing(zoom=2.0).cycles_per_degree(np.array([1.0])) == pytest.approx(plain / 2)
    assert Viewing(distance_mm=1000.0).cycles_per_degree(np.array([1.0])) == pytest.approx(plain * 2)


def test_without_an_eye_all_frequencies_are_seen_alike():
    np.testing.assert_array_equal(Viewing(eye=None).response(np.linspace(0, 1, 5)), 1)


@pytest.mark.parametrize("impossible", [{"distance_mm": 0.0}, {"zoom": -1.0}])
def test_impossible_viewing_is_refused(impossible):
    with pytest.raises(ImpossibleViewingError, match="above zero"):
        Viewing(**impossible)
