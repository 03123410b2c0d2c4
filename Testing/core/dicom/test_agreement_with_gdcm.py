"""Real series read the same through pydicom and through GDCM in SimpleITK, which shares no code with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series


@pytest.mark.parametrize(
    "name",
    [
        "nlst_chest_low_dose_fc51",
        "philips_head_phantom_kernel_pair/UB_smooth_iDose",
        "philips_head_phantom_kernel_pair/YA_sharp",
        "ge_water_phantom",
        "dicom_oddities/pydicom/tiny_series/CT5N",
    ],
)
def test_values_order_and_geometry_agree(real_data, name):
    folder = real_data(name)
    for series in find_series(folder).series:
        names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder), series.uid)
        assert [str(section.path) for section in series.slices] == list(names)
        volume = read_series(replace(series, slices=series.slices[:30]))
        oracle = SimpleITK.ReadImage(names[:30])
        np.testing.assert_array_equal(volume.hu, SimpleITK.GetArrayViewFromImage(oracle))
        np.testing.assert_allclose(volume.geometry.origin, oracle.GetOrigin(), atol=1e-6)
        directions = np.transpose(volume.geometry.direction[::-1])
        np.testing.assert_allclose(directions.ravel(), oracle.GetDirection(), atol=1e-6)
        if len(series.slices) > 1:
            np.testing.assert_allclose(volume.geometry.spacing[::-1], oracle.GetSpacing(), atol=1e-4)


def test_what_the_headers_of_the_nlst_series_say(real_data):
    (series,) = find_series(real_data("nlst_chest_low_dose_fc51")).series
    acquisition = series.acquisition
    assert str(series) == "FC51 · 2.00/2.00 mm · 0.54 mm · 512² · 143 slices"
    assert (acquisition.manufacturer, acquisition.scanner) == ("TOSHIBA", "Aquilion")
    assert (acquisition.peak_kilovoltage, acquisition.tube_current, acquisition.exposure) == (120.0, 80.0, 40.0)
    part = read_series(replace(series, slices=series.slices[70:72]))
    assert part.hu.min() == -2048
    assert part.padding is None, "these files do not declare the value they hold outside the field of view"
