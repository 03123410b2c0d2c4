"""Loading and saving of volumes."""

from __future__ import annotations

import numpy as np
import pytest
import slicer


def test_a_saved_volume_is_loaded_and_shown(slicer_host, tmp_path):
    voxels = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    path = tmp_path / "volume.nrrd"
    assert slicer.util.saveNode(slicer_host.parts.add_volume(voxels), str(path))
    volume = slicer.util.loadVolume(str(path), {"name": "Br56"})
    assert volume.GetName() == "Br56"
    assert np.array_equal(slicer.util.arrayFromVolume(volume), voxels)
    assert volume.GetDisplayNode().GetColorNode().GetName() == "Grey"
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    assert composite.GetBackgroundVolumeID() == volume.GetID()


def test_a_missing_file_is_refused(slicer_host, tmp_path):
    with pytest.raises(RuntimeError, match="Failed to load"):
        slicer.util.loadVolume(str(tmp_path / "none.nrrd"))
