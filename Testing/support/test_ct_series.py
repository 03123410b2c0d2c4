"""The synthetic series that other tests rely on are what they claim to be."""

from __future__ import annotations

import subprocess

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless

from support.ct_series import anatomy


def sections(folder):
    """Instances of a series from feet to head."""
    return sorted(map(pydicom.dcmread, folder.iterdir()), key=lambda instance: instance.ImagePositionPatient[2])


def hu_of(instances):
    return np.stack([instance.pixel_array + float(instance.RescaleIntercept) for instance in instances])


@pytest.mark.parametrize("options", [{}, {"padding": -2048, "kernel": ["Br36", "Qr89"], "rows": 33, "columns": 41}])
def test_series_is_valid(make_ct_series, program, tmp_path, options):
    files = sorted(make_ct_series(tmp_path, sections=3, **options).iterdir())
    for file in files:
        report = subprocess.run([program("dciodvfy"), file], capture_output=True, text=True, check=False).stderr
        assert report.strip() == "CTImage"
    report = subprocess.run([program("dcentvfy"), *files], capture_output=True, text=True, check=False)
    assert (report.returncode, report.stdout + report.stderr) == (0, "")


@pytest.mark.parametrize("transfer_syntax", [JPEGLSLossless, JPEG2000Lossless, RLELossless, ExplicitVRBigEndian])
def test_values_survive_every_encoding(make_ct_series, tmp_path, transfer_syntax):
    hu = anatomy((3, 33, 35))
    instances = sections(make_ct_series(tmp_path, hu=hu, transfer_syntax=transfer_syntax))
    assert instances[0].file_meta.TransferSyntaxUID == transfer_syntax
    np.testing.assert_array_equal(hu_of(instances), hu)


def test_only_the_position_gives_the_order(make_ct_series, tmp_path):
    instances = sections(make_ct_series(tmp_path, spacing=(1.25, 0.5, 0.5)))
    assert np.diff([instance.ImagePositionPatient[2] for instance in instances]) == pytest.approx(1.25)
    assert [instance.InstanceNumber for instance in instances] == list(range(9, 0, -1))
    names = [path.name for path in sorted(tmp_path.iterdir())]
    by_name = [pydicom.dcmread(tmp_path / name).InstanceNumber for name in names]
    assert by_name not in (sorted(by_name), sorted(by_name, reverse=True))


def test_padding_lies_outside_the_field_of_view(make_ct_series, tmp_path):
    (instance, *_) = sections(make_ct_series(tmp_path, padding=-2048))
    (hu,) = hu_of([instance])
    assert instance.PixelPaddingValue + instance.RescaleIntercept == -2048
    assert hu[0, 0] == -2048
    assert hu[24, 20] > -100


def test_two_series_share_study_and_frame_of_reference_when_told(make_ct_series, tmp_path):
    shared = {"study_uid": "1.2.3", "frame_of_reference": "1.2.4"}
    for number in (1, 2):
        make_ct_series(tmp_path, sections=2, series_number=number, **shared)
    instances = [pydicom.dcmread(path) for path in tmp_path.iterdir()]
    assert len(instances) == 4
    assert len({instance.SeriesInstanceUID for instance in instances}) == 2
    assert {(instance.StudyInstanceUID, instance.FrameOfReferenceUID) for instance in instances} == {("1.2.3", "1.2.4")}
