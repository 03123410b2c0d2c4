"""What tests of ROIs share."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from support.roi_bench import RoiBench
    from support.slicer_scene import SlicerScene

if importlib.util.find_spec("slicer") is None:  # slicer-core, 3D Slicer's own scene as a Python package
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def bench(slicer_scene: SlicerScene) -> Iterator[RoiBench]:
    """A phantom in three volumes, and the tool that measures in its ROIs."""
    from support.roi_bench import RoiBench

    made = RoiBench(slicer_scene)
    yield made
    made.tool.close()


@pytest.fixture
def view(slicer_scene: SlicerScene, bench: RoiBench) -> Iterator[Any]:
    """The first view of a comparison, axial in the middle of the volume."""
    from CTDenoiseScene.comparison import Comparison
    from CTDenoiseScene.comparison_layout import ComparisonLayout
    from support.roi_bench import MIDDLE

    layout = ComparisonLayout(slicer_scene.scene, slicer_scene.application_logic, slicer_scene.layout_node)
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, bench.volumes)
    views = layout.slice_nodes()
    slicer_scene.slice_logic(views[0].GetLayoutName()).SetSliceOffset(MIDDLE[2])
    bench.tool.show(bench.volumes, views)
    yield views[0]
    layout.close()
