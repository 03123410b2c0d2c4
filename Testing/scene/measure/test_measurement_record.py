from __future__ import annotations

from dataclasses import asdict

import pytest

from CTDenoiseScene.comparison import ComparisonVolumes
from CTDenoiseScene.measured_volumes import MeasuredVolumes
from CTDenoiseScene.measurement_record import identities
from support.comparison_exam import PROVENANCE, make_exam


class Headers:
    """One series, known under any instance."""

    def value(self, instance_uid: str, tag: str) -> str:
        return {"0020,000D": "1.2.3", "0020,000E": "1.2.3.4"}.get(tag, "")

    def file(self, instance_uid: str) -> str:
        return ""


@pytest.fixture
def exam(slicer_scene):
    return make_exam(slicer_scene)


def identity(node, headers=None, **known):
    volumes = MeasuredVolumes().of(ComparisonVolumes(input=node))
    (found,) = identities(volumes, headers)
    return {key: value for key, value in asdict(found).items() if value is not None} == known


def test_a_volume_from_dicom_is_named_by_its_uids(exam):
    assert identity(exam.sharp, Headers(), name="sharp", study_uid="1.2.3", series_uid="1.2.3.4")


def test_a_volume_from_a_file_is_named_by_the_file_and_not_by_its_folder(slicer_scene, exam):
    exam.smooth.RemoveAttribute("DICOM.instanceUIDs")
    storage = slicer_scene.scene.AddNewNodeByClass("vtkMRMLVolumeArchetypeStorageNode")
    storage.SetFileName("/home/somebody/Exam of Mrs Smith/head.nrrd")
    exam.smooth.SetAndObserveStorageNodeID(storage.GetID())
    assert identity(exam.smooth, Headers(), name="smooth", file="head.nrrd")


def test_a_denoised_volume_is_named_by_its_model_and_by_the_series_it_was_made_from(exam):
    exam.output.SetAttribute("CTDenoise.strength", "0.7")
    made_by = {
        "model": PROVENANCE.model,
        "model_version": PROVENANCE.version,
        "weights_sha256": PROVENANCE.weights_sha256,
        "strength": 0.7,
    }
    assert identity(exam.output, Headers(), name="output", study_uid="1.2.3", series_uid="1.2.3.4", **made_by)


def test_without_headers_there_are_no_uids(exam):
    assert identity(exam.sharp, name="sharp")
