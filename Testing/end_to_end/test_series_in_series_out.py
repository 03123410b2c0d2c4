"""A CT series from disk to disk: geometry to the last digit, HU as computed, nothing lost to the residual."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.models import ModelStore
from support.ct_series import anatomy

STRENGTH = 0.75


@pytest.fixture(scope="module")
def finished(tmp_path_factory, small_model):
    """One run with everything, and the folder that holds its input and outputs."""
    from CTDenoiseLib.cli import main
    from support.ct_series import make_ct_series

    place = tmp_path_factory.mktemp("series")
    make_ct_series(
        place / "in", hu=anatomy((9, 66, 70)), spacing=(0.700001, 0.4882812, 0.4882812), kernel="B30f", padding=-2000
    )
    words = ["run", place / "in", place / "out", "--residual", place / "res", "--report", place / "report.pdf"]
    words += ["--model", "tiny", "--precision", "fp32", "--backend", "cpu", "--strength", STRENGTH]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CTDENOISE_MODELS", str(small_model))
        assert main([str(word) for word in words]) == 0
    return place


@pytest.fixture(scope="module")
def volumes(finished):
    return {name: read_series(find_series(finished / name).series[0]) for name in ("in", "out", "res")}


def headers(folder: Path) -> list[pydicom.Dataset]:
    found = [pydicom.dcmread(path, stop_before_pixels=True) for path in folder.iterdir()]
    return sorted(found, key=lambda header: header.ImagePositionPatient[2])


def test_the_geometry_is_that_of_the_source_to_the_last_digit(finished, volumes):
    for name in ("out", "res"):
        assert volumes[name].geometry == volumes["in"].geometry
        for source, derived in zip(headers(finished / "in"), headers(finished / name), strict=True):
            for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"):
                values = (header[keyword].value for header in (source, derived))
                before, after = ([str(part) for part in np.ravel(value)] for value in values)
                assert before == after


def test_the_files_hold_what_the_denoiser_computed(volumes, small_model):
    denoiser = Denoiser(ModelStore(None, small_model).load("tiny"), Backend.choose("cpu", "fp32"))
    expected = np.stack([section.output for section in denoiser.sections(volumes["in"], strength=STRENGTH)])
    np.testing.assert_array_equal(volumes["out"].hu, np.rint(expected))


def test_output_and_residual_add_up_to_the_input(volumes):
    np.testing.assert_allclose(volumes["out"].hu + volumes["res"].hu, volumes["in"].hu, atol=0.5 + 0.05 + 1e-3)
    assert np.abs(volumes["res"].hu).max() > 1


def test_padding_comes_back_as_it_was(volumes):
    padding = volumes["in"].hu == -2000
    assert padding.any()
    assert (volumes["out"].hu[padding] == -2000).all()


def test_both_series_are_new_ones_in_the_study_and_space_of_the_source(finished):
    source, output, residual = (headers(finished / name)[0] for name in ("in", "out", "res"))
    for derived in (output, residual):
        assert derived.StudyInstanceUID == source.StudyInstanceUID
        assert derived.FrameOfReferenceUID == source.FrameOfReferenceUID
    assert len({header.SeriesInstanceUID for header in (source, output, residual)}) == 3
    assert "75 %" in output.SeriesDescription
    assert "residual" in residual.SeriesDescription


def test_the_result_can_be_denoised_again(finished, ctdenoise, tmp_path):
    answer = ctdenoise("run", finished / "out", tmp_path / "again", "--model", "tiny", "--json")
    assert answer.content["sections"] == 9


def test_nothing_but_the_outputs_is_left(finished):
    assert {path.name for path in finished.iterdir()} == {"in", "out", "res", "report.pdf"}
