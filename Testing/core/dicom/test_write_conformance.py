"""Derived series hold to the standard: no error that the source did not already have, and none between objects."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.write import write_derived_series
from support.dciodvfy import errors_between, errors_in
from support.derived_series import DERIVATION, derive

# Folder of the test data, and how many of its first files are taken.
REAL = {
    "nlst_chest_low_dose_fc51": 5,
    "philips_head_phantom_kernel_pair/YA_sharp": 4,
    "philips_head_phantom_kernel_pair/UB_smooth_iDose": 4,
    "ge_water_phantom": 2,
    "mayo_dose_pairs/full": 1,
    "mayo_dose_pairs/quarter": 1,
    "dicom_oddities/pydicom/tiny_series/CT2": 4,
    "dicom_oddities/pydicom/tiny_series/CT5N": 5,
    "dicom_oddities/ge_tilt_variable_spacing": 1,
    "dicom_oddities/dicom2nifti_failing/sliceincrement_001": 1,
}


@pytest.fixture
def check(program, tmp_path):
    """Derives a denoised series and a residual from every series in a folder and checks the objects."""
    dciodvfy, dcentvfy = program("dciodvfy"), program("dcentvfy")

    def run(folder: Path, **options) -> None:
        series = find_series(folder).series
        assert series
        for source in series:
            paths = [section.path for section in source.slices]
            known = set().union(*(errors_in(dciodvfy, path) for path in paths))
            written = []
            for kind in ("denoised", "residual"):
                written += write_derived_series(
                    source,
                    enumerate(np.zeros((len(paths), source.rows, source.columns), np.float32)),
                    tmp_path / "out" / source.uid / kind,
                    derivation=replace(DERIVATION, kind=kind),
                    **options,
                ).files
            for file in written:
                assert errors_in(dciodvfy, file) <= known
            assert errors_between(dcentvfy, written) == set()
            assert errors_between(dcentvfy, [*written, *paths]) <= errors_between(dcentvfy, paths)

    return run


def test_the_checks_notice_broken_objects(program, make_ct_series, change_files, tmp_path):
    folder = make_ct_series(tmp_path / "source", sections=2)
    first, second = change_files(folder, lambda image: None)
    assert errors_in(program("dciodvfy"), first) == errors_between(program("dcentvfy"), [first, second]) == set()
    change_files(folder, lambda image: setattr(image, "StudyDate", "20240103"), places=[1])
    assert errors_between(program("dcentvfy"), [first, second])
    change_files(folder, lambda image: image.pop("Rows"), places=[0])
    assert any("Rows" in error for error in errors_in(program("dciodvfy"), first))


@pytest.mark.parametrize("compression", ["none", "jpeg-ls", "jpeg2000"])
@pytest.mark.parametrize("padding", [None, -2048])
def test_synthetic_series(make_ct_series, check, tmp_path, compression, padding):
    source = make_ct_series(tmp_path / "source", sections=2, padding=padding)
    check(source, compression=compression)


def test_an_enhanced_image_made_classic(program, write_enhanced_ct, tmp_path, rng):
    """Enhanced and classic images must not have the same attributes, so none of the source's errors is excused."""
    source = write_enhanced_ct(tmp_path / "source" / "all.dcm", rng.normal(0, 100, (3, 32, 32)))
    image = pydicom.dcmread(source)
    groups = image.SharedFunctionalGroupsSequence[0]
    region, anatomy = Dataset(), Dataset()
    region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = "51185008", "SCT", "Chest"
    anatomy.AnatomicRegionSequence, anatomy.FrameLaterality = [region], "U"
    groups.FrameAnatomySequence = [anatomy]
    image.save_as(source)
    derived = derive(source.parent, tmp_path / "out")
    for file in derived.files:
        assert errors_in(program("dciodvfy"), file) == set()
    assert errors_between(program("dcentvfy"), derived.files) == set()


@pytest.mark.parametrize("name", REAL)
def test_real_series(real_data, check, tmp_path, name):
    folder = tmp_path / "source"
    folder.mkdir()
    for file in [file for file in sorted(real_data(name).iterdir()) if file.is_file()][: REAL[name]]:
        shutil.copyfile(file, folder / file.name)
    check(folder)
