"""A user saves what was denoised: as a file, as a report, as a DICOM series."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (the name that everybody uses)
import slicer
import slicer.util


@pytest.fixture
def copying_import(monkeypatch, slicer_host, tmp_path):
    """Has files copied into the database where that is asked for, as Slicer does; remembers the series."""
    from DICOMLib import DICOMUtils

    imported = []

    def import_dicom(folder, database, copyFiles):  # noqa: N803 (Slicer's name)
        assert copyFiles
        imported.extend(database.add_folder(shutil.copytree(folder, tmp_path / "database")))

    monkeypatch.setattr(DICOMUtils, "importDicom", import_dicom)
    return imported


def test_the_denoised_volume_is_saved_as_a_file(panel, tmp_path):
    panel.denoise()
    panel.host.user.choose_path(tmp_path / "denoised.nrrd")
    panel.ui.saveFileButton.click()
    panel.spin(lambda: "Saved as" in panel.export_message)
    saved = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "denoised.nrrd")))
    assert np.array_equal(saved, slicer.util.arrayFromVolume(panel.output))
    assert not panel.ui.exportProgressBar.isVisible()


def test_the_latest_strength_is_what_is_saved(panel, tmp_path):
    node = panel.denoise()
    panel.ui.strengthSlider.setValue(0)
    panel.host.user.choose_path(tmp_path / "denoised.nrrd")
    panel.ui.saveFileButton.click()
    panel.spin(lambda: "Saved as" in panel.export_message)
    saved = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "denoised.nrrd")))
    assert np.array_equal(saved, slicer.util.arrayFromVolume(node))


def test_a_report_is_saved(panel, tmp_path):
    panel.denoise()
    panel.host.user.choose_path(tmp_path / "report.png")
    panel.ui.reportButton.click()
    panel.spin(lambda: "Saved as" in panel.export_message, timeout=60)
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")


def test_a_series_arrives_in_the_database_in_the_study_of_its_input(panel, tmp_path, copying_import):
    from DICOMLib import DICOMUtils

    panel.denoise(panel.add_series(tmp_path / "exam", kernel="B30f"))
    assert panel.why("saveDicomButton") == ""
    panel.ui.saveDicomButton.click()
    panel.spin(lambda: "DICOM database" in panel.export_message)
    (node_id,) = DICOMUtils.loadSeriesByUID(copying_import)
    series = slicer.mrmlScene.GetNodeByID(node_id)
    assert np.array_equal(slicer.util.arrayFromVolume(series), slicer.util.arrayFromVolume(panel.output))


def test_a_database_that_does_not_take_the_series_is_told_once(panel, tmp_path, monkeypatch):
    from DICOMLib import DICOMUtils

    monkeypatch.setattr(DICOMUtils, "importDicom", lambda *_, **__: 1 / 0)
    panel.denoise(panel.add_series(tmp_path / "exam", kernel="B30f"))
    panel.ui.saveDicomButton.click()
    panel.spin(lambda: panel.export_message)
    assert "could not be added" in panel.export_message
    assert panel.why("saveDicomButton") == ""


def test_who_cancels_the_dialog_saves_nothing(panel):
    panel.denoise()
    panel.host.user.choose_path("")
    panel.ui.saveFileButton.click()
    assert panel.export_message == ""


def test_what_was_not_loaded_from_dicom_says_so_at_the_button(panel):
    panel.denoise()
    assert "not loaded from DICOM" in panel.why("saveDicomButton")


def test_a_place_that_cannot_be_written_is_told_once(panel, tmp_path):
    panel.denoise()
    panel.host.user.choose_path(tmp_path / "missing" / "denoised.txt")
    panel.ui.saveFileButton.click()
    panel.spin(lambda: panel.export_message)
    assert "denoised.txt" in panel.export_message
    assert not panel.host.user.messages
    assert panel.why("saveFileButton") == ""


def test_saving_can_be_cancelled(panel, tmp_path):
    panel.denoise()
    panel.host.user.choose_path(tmp_path / "denoised.nrrd")
    panel.ui.saveFileButton.click()
    panel.ui.exportCancelButton.click()
    panel.spin(lambda: "nothing was saved" in panel.export_message)
    assert not (tmp_path / "denoised.nrrd").exists()
