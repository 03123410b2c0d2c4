"""Importing and loading of DICOM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import slicer
import slicer.util

from .dicom_database import DICOMDatabase


def dicom_library() -> ModuleType:
    """Stands for the package `DICOMLib` of Slicer's module DICOM: its `DICOMUtils` without the browser."""
    library = ModuleType("DICOMLib", dicom_library.__doc__)
    library.DICOMUtils = ModuleType("DICOMLib.DICOMUtils")
    for function in (TemporaryDICOMDatabase, importDicom, loadSeriesByUID):
        setattr(library.DICOMUtils, function.__name__, function)
    return library


def importDicom(dicomDataItem: str, dicomDatabase: DICOMDatabase | None = None, copyFiles: bool = False) -> bool:
    """Stands for `DICOMUtils.importDicom`; files stay where they are."""
    return bool((dicomDatabase or slicer.dicomDatabase).add_folder(dicomDataItem))


def loadSeriesByUID(seriesUIDs: list[str]) -> list[str]:
    """Stands for `DICOMUtils.loadSeriesByUID`: volumes that lie in their studies and know the UIDs of their images."""
    return [_load(uid).GetID() for uid in seriesUIDs]


@contextmanager
def TemporaryDICOMDatabase(directory: str | None = None) -> Iterator[DICOMDatabase]:
    """Stands for `DICOMUtils.TemporaryDICOMDatabase`: an empty database for the time being."""
    before = slicer.dicomDatabase
    slicer.dicomDatabase = DICOMDatabase()
    try:
        yield slicer.dicomDatabase
    finally:
        slicer.dicomDatabase = before


def _load(series_uid: str) -> Any:
    database = slicer.dicomDatabase
    instances = sorted(database.instancesForSeries(series_uid), key=database.place)
    files = [database.fileForInstance(instance) for instance in instances]
    number, description = (database.instanceValue(instances[0], tag) for tag in ("0020,0011", "0008,103E"))
    node = slicer.util.loadVolume(files[0], {"name": f"{number}: {description}", "fileNames": files})
    node.SetAttribute("DICOM.instanceUIDs", " ".join(instances))
    _put_into_study(node, database, instances[0])
    return node


def _put_into_study(node: Any, database: DICOMDatabase, instance: str) -> None:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    parent = hierarchy.GetSceneItemID()
    for tag, level in (("0010,0020", "Patient"), ("0020,000D", "Study")):
        uid = database.instanceValue(instance, tag)
        item = hierarchy.GetItemByUID("DICOM", uid)
        if not item:
            item = (
                hierarchy.CreateSubjectItem(parent, uid)
                if level == "Patient"
                else hierarchy.CreateStudyItem(parent, uid)
            )
            hierarchy.SetItemUID(item, "DICOM", uid)
        parent = item
    item = hierarchy.GetItemByDataNode(node)
    hierarchy.SetItemParent(item, parent)
    hierarchy.SetItemUID(item, "DICOM", database.instanceValue(instance, "0020,000E"))
