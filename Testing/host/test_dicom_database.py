"""The DICOM database over folders."""

from __future__ import annotations

import pytest
import slicer


@pytest.fixture
def series(slicer_host, make_ct_series, tmp_path):
    folder = make_ct_series(tmp_path / "series")
    (folder / "notes.txt").write_text("no DICOM")
    (uid,) = slicer_host.database.add_folder(folder)
    return uid


def test_header_values_are_text(series):
    instance = slicer.dicomDatabase.instancesForSeries(series)[0]
    assert slicer.dicomDatabase.instanceValue(instance, "0008,0060") == "CT"
    assert slicer.dicomDatabase.instanceValue(instance, "0028,0030").count("\\") == 1
    assert slicer.dicomDatabase.instanceValue(instance, "0018,9999") == ""
    assert slicer.dicomDatabase.instanceValue("1.2.3", "0008,0060") == ""


def test_files_are_found_by_instance_and_series(series):
    files = slicer.dicomDatabase.filesForSeries(series)
    instances = slicer.dicomDatabase.instancesForSeries(series)
    assert sorted(slicer.dicomDatabase.fileForInstance(instance) for instance in instances) == sorted(files)
    assert slicer.dicomDatabase.fileForInstance("1.2.3") == ""


def test_a_written_series_is_imported(slicer_host, make_ct_series, tmp_path):
    from DICOMLib import DICOMUtils

    folder = make_ct_series(tmp_path / "series")
    assert DICOMUtils.importDicom(str(folder), slicer.dicomDatabase)
    assert not DICOMUtils.importDicom(str(tmp_path / "nowhere"), slicer.dicomDatabase)


def test_a_loaded_series_lies_in_its_study_and_knows_its_images(series):
    from DICOMLib import DICOMUtils

    (identifier,) = DICOMUtils.loadSeriesByUID([series])
    volume = slicer.mrmlScene.GetNodeByID(identifier)
    assert volume.GetImageData().GetDimensions() == (40, 48, 9)
    instances = volume.GetAttribute("DICOM.instanceUIDs").split()
    assert sorted(instances) == sorted(slicer.dicomDatabase.instancesForSeries(series))
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    study = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(volume))
    assert hierarchy.GetItemUID(study, "DICOM") == slicer.dicomDatabase.instanceValue(instances[0], "0020,000D")


def test_a_temporary_database_replaces_the_other_for_a_while(series):
    from DICOMLib import DICOMUtils

    database = slicer.dicomDatabase
    with DICOMUtils.TemporaryDICOMDatabase() as temporary:
        assert slicer.dicomDatabase is temporary
        assert temporary.instancesForSeries(series) == []
    assert slicer.dicomDatabase is database
