"""Labels of patients, and whose images they really are."""

from pathlib import Path

import pytest

from CTDenoiseTrainLib.errors import RecipeError
from CTDenoiseTrainLib.noise.match_series import Subject
from CTDenoiseTrainLib.pairs.patient_labels import PatientLabels

FILE, OTHER_FILE = Path("one.nrrd"), Path("other.nrrd")


@pytest.fixture
def labels() -> PatientLabels:
    return PatientLabels()


def test_series_of_a_patient_are_as_many_as_there_are(labels):
    for path in (FILE, OTHER_FILE, FILE):
        labels.check("A", Subject(patient="p", study="s"), path)
    labels.check("B", Subject(patient="q", study="t"), FILE)
    assert not labels.warnings


def test_a_study_has_one_label(labels):
    labels.check("A", Subject(study="s"), FILE)
    with pytest.raises(RecipeError, match="Patients A and B have images of one and the same study"):
        labels.check("B", Subject(study="s"), OTHER_FILE)


def test_a_file_of_an_unknown_patient_has_one_label(labels, tmp_path):
    labels.check("A", Subject(), tmp_path / "one.nrrd")
    with pytest.raises(RecipeError, match="Patients A and B have the same images"):
        labels.check("B", Subject(), tmp_path / "folder" / ".." / "one.nrrd")


def test_equal_patient_ids_of_two_labels_are_asked_about(labels):
    # Anonymous images often have one ID for all.
    labels.check("A", Subject(patient="p", study="s"), FILE)
    labels.check("B", Subject(patient="p", study="t"), OTHER_FILE)
    (warning,) = labels.warnings
    assert "The images of patients A and B have the same patient ID" in warning
