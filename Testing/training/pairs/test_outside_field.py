"""What lies outside the field of view."""

import numpy as np
import pytest

from CTDenoiseLib.volume import Acquisition, Volume
from CTDenoiseTrainLib.pairs.outside_field import with_air_outside

HU = np.array([[[-32768, -2048, -1501], [-1500, -1024, 3071]]], dtype=np.float32)


@pytest.mark.parametrize("modality", [None, "CT"])
def test_values_that_no_tissue_has_become_air(modality):
    section = with_air_outside(Volume(HU, acquisition=Acquisition(modality=modality)), 0)
    assert section.tolist() == [[-1000, -1000, -1000], [-1500, -1024, 3071]]
    assert section.dtype == np.float32


def test_images_without_hounsfield_units_stay_as_they_are():
    np.testing.assert_array_equal(with_air_outside(Volume(HU, acquisition=Acquisition(modality="MR")), 0), HU[0])


def test_tissue_that_has_the_declared_padding_value_stays_as_it_is():
    hu = np.array([[[0, 40], [0, -2000]]], dtype=np.float32)
    section = with_air_outside(Volume(hu, padding=np.array([[0, 0]], np.float32)), 0)
    assert section.tolist() == [[0, 40], [0, -1000]]
