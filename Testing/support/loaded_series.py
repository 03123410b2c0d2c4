"""A DICOM series as a volume node, as Slicer's DICOM module leaves it: HU, place, instance UIDs, study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import slicer

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.dicom.series import Series
from support.slicer_scene import SlicerScene

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def load_series(parts: SlicerScene, source: Path | Series) -> Any:
    """Load the one series of a folder, or a given one, as int16."""
    series = source if isinstance(source, Series) else find_series(source).series[0]
    volume = read_series(series)
    z, y, x = (np.array(axis) for axis in volume.geometry.direction)
    steps_z, steps_y, steps_x = volume.geometry.spacing
    ijk_to_lps = np.eye(4)
    ijk_to_lps[:3] = np.column_stack([x * steps_x, y * steps_y, z * steps_z, volume.geometry.origin])
    node = parts.add_volume(
        np.rint(volume.hu).astype(np.int16),
        name=f"{series.number}: {series.acquisition.description}",
        ijk_to_ras=LPS_TO_RAS @ ijk_to_lps,
    )
    node.SetAttribute("DICOM.instanceUIDs", " ".join(section.sop_instance_uid for section in series.slices))
    _put_into_study(parts, node, series)
    return node


def _put_into_study(parts: SlicerScene, node: Any, series: Series) -> None:
    hierarchy, uid_name = parts.subject_hierarchy, slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMUIDName()
    study = hierarchy.GetItemByUID(uid_name, series.study_uid)
    if not study:
        study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "Study")
        hierarchy.SetItemUID(study, uid_name, series.study_uid)
    item = hierarchy.GetItemByDataNode(node)
    hierarchy.SetItemUID(item, uid_name, series.uid)
    hierarchy.SetItemParent(item, study)
