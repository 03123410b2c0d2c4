"""One acquisition with a sharp and a smooth kernel: the same structure, at another sharpness."""

from __future__ import annotations

import numpy as np
import vtk

from CTDenoiseScene.comparison import ComparisonVolumes
from CTDenoiseScene.measured_volumes import MeasuredVolumes
from CTDenoiseScene.profile_tool import ProfileTool
from support.loaded_series import load_series

SECTION = 20


def test_a_sharp_kernel_has_the_steeper_edges_and_the_same_bone(slicer_scene, real_data):
    folder = real_data("philips_head_phantom_kernel_pair")
    sharp, smooth = (load_series(slicer_scene, folder / name) for name in ("YA_sharp", "UB_smooth_iDose"))
    tool = ProfileTool(slicer_scene.scene, MeasuredVolumes())
    tool.show(ComparisonVolumes(input=sharp, smooth=smooth), ())
    matrix = vtk.vtkMatrix4x4()
    sharp.GetIJKToRASMatrix(matrix)
    centre = np.array(matrix.MultiplyPoint((256, 256, SECTION, 1))[:3])
    line = tool.new_line()
    for away in ((-90, 20, 0), (-40, 28, 0)):  # from the air beside the head into that within, through the skull
        line.AddControlPointWorld(vtk.vtkVector3d(centre + away))
    tool.work(1.0)
    columns = [column.key for column in tool.record().tables[0].columns]
    figures = [dict(zip(columns, row, strict=True)) for row in tool.record().tables[0].rows]
    of_sharp, of_smooth = figures
    assert of_sharp["edge_distance"] < 0.7 * of_smooth["edge_distance"]
    assert of_sharp["edge_slope"] > 1.5 * of_smooth["edge_slope"]
    assert abs(of_sharp["fwhm"] - of_smooth["fwhm"]) < 0.1 * of_smooth["fwhm"]
    tool.close()
