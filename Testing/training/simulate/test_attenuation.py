from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseTrainLib.simulate.attenuation import WATER_ATTENUATION_PER_MM, attenuation_of, hu_of


def test_water_attenuates_as_tabulated_by_nist_for_60_kev():
    # Hubbell and Seltzer, table 4: 0.2059 cm²/g at 60 keV; 1 g/cm³, and 10 mm a cm.
    assert pytest.approx(0.02059, rel=1e-9) == WATER_ATTENUATION_PER_MM


def test_a_centimetre_of_water_lets_four_fifths_of_the_photons_through():
    assert np.exp(-10 * WATER_ATTENUATION_PER_MM) == pytest.approx(0.814, abs=5e-4)


def test_air_and_all_below_attenuate_nothing():
    assert not attenuation_of(np.array([-1000.0, -1024.0, -2000.0])).any()


def test_twice_the_attenuation_of_water_is_1000_hu():
    assert hu_of(np.array(2 * WATER_ATTENUATION_PER_MM)) == pytest.approx(1000, abs=1e-3)


def test_noise_below_air_is_kept_in_the_image():
    assert hu_of(np.array(-0.1 * WATER_ATTENUATION_PER_MM)) == pytest.approx(-1100, abs=1e-3)


@given(st.floats(-1000, 30_000, width=32))
def test_hu_come_back(hu: float):
    # Float32 keeps seven digits of 1 + HU/1000.
    assert hu_of(attenuation_of(np.array(hu))) == pytest.approx(hu, abs=2e-3 * (1 + abs(hu) / 1000))


def test_whole_numbers_of_a_file_are_taken_as_they_are():
    assert attenuation_of(np.array([0], dtype=np.int16)).dtype == np.float32
