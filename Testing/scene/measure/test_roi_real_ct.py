"""ROIs on real CT, against what is known of the phantoms."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from CTDenoiseScene.comparison import ComparisonVolumes
from CTDenoiseScene.measured_volumes import MeasuredVolumes
from CTDenoiseScene.roi_charts import RoiChart
from CTDenoiseScene.roi_shapes import RoiShape, shape_of
from CTDenoiseScene.roi_tool import RoiTool
from support.loaded_series import load_series


@pytest.fixture
def measure(slicer_scene):
    """Shows volumes to a tool."""
    tools = []

    def show(**volumes):
        tools.append(RoiTool(slicer_scene.scene, MeasuredVolumes()))
        tools[-1].show(ComparisonVolumes(**volumes), ())
        return tools[-1]

    yield show
    for tool in tools:
        tool.close()


def details(tool):
    return tool.record().tables[1].content()["rows"]


def test_the_insert_of_the_head_phantom_has_the_same_hu_and_less_noise_with_the_smooth_kernel(
    slicer_scene, measure, real_data
):
    pair = real_data("philips_head_phantom_kernel_pair")
    sharp, smooth = (load_series(slicer_scene, pair / name) for name in ("YA_sharp", "UB_smooth_iDose"))
    tool = measure(input=sharp, smooth=smooth)
    bounds = np.zeros(6)
    sharp.GetRASBounds(bounds)
    middle = bounds.reshape(3, 2).mean(axis=1)
    tool.add_at((middle[0] + 3.2, middle[1] + 7.5, 763.21), (14, 14, 1), RoiShape.CYLINDER)
    before, after = details(tool)
    assert before["area"] == pytest.approx(np.pi * 7**2, rel=0.02)
    assert (before["mean"], after["mean"]) == (pytest.approx(98.7, abs=3), pytest.approx(98.6, abs=3))
    assert before["sd"] == pytest.approx(16.3, rel=0.1)
    assert after["noise_reduction"] > 60


def test_uniform_rois_in_the_chest_lie_in_fat_or_soft_tissue_and_well_apart(slicer_scene, measure, real_data):
    chest = load_series(slicer_scene, real_data("nlst_chest_low_dose_fc51"))
    tool = measure(input=chest)
    placed = tool.place_uniform(4)
    assert len(placed) == 4
    rows = details(tool)
    assert all(-150 < row["mean"] < 150 for row in rows)
    assert min(row["sd"] for row in rows) == pytest.approx(33, rel=0.25)  # liver; more between shoulders
    assert all(row["padding_left_out"] == 0 for row in rows)
    assert all(np.linalg.norm(first - second) > 15 for first, second in combinations(centres(placed), 2))


def centres(nodes):
    return [shape_of(node).centre for node in nodes]


def test_the_spectrum_of_the_water_phantom_holds_the_variance_of_its_roi(slicer_scene, measure, real_data, tmp_path):
    folder = tmp_path / "water"
    folder.mkdir()
    for name in ("imgA", "imgB"):
        (found,) = real_data("ge_water_phantom").glob(f"{name}*")
        (folder / found.name).write_bytes(found.read_bytes())
    water = load_series(slicer_scene, folder)
    tool = measure(input=water)
    tool.chart_kind = RoiChart.NPS
    bounds = np.zeros(6)
    water.GetRASBounds(bounds)
    r, a, s = bounds.reshape(3, 2).mean(axis=1)
    tool.add_at((r, a, s), (70, 70, 100))
    record = tool.record()
    noise = record.tables[3].content()["rows"][0]["noise"]
    assert record.tables[1].content()["rows"][0]["sd"] == pytest.approx(noise, rel=0.05)
    assert noise == pytest.approx(5.0, rel=0.15)
