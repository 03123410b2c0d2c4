"""A tool, a line, and three volumes whose HU are linear in the world."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from CTDenoiseScene.comparison import ComparisonVolumes
    from CTDenoiseScene.comparison_layout import ComparisonLayout
    from CTDenoiseScene.profile_tool import ProfileTool
    from support.slicer_scene import SlicerScene

if importlib.util.find_spec("slicer") is None:  # as in the folder above
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def volumes(slicer_scene: SlicerScene) -> ComparisonVolumes:
    """Three ramps, 100 HU apart."""
    from CTDenoiseScene.comparison import ComparisonVolumes
    from support.profile_lines import SPACING, TO_RAS, ramp

    added = [
        slicer_scene.add_volume(ramp(TO_RAS, 100.0 * number), name=name, spacing=SPACING)
        for number, name in enumerate(("sharp", "smooth", "output"))
    ]
    return ComparisonVolumes(input=added[0], smooth=added[1], denoised=added[2])


@pytest.fixture
def layout(slicer_scene: SlicerScene, volumes: ComparisonVolumes) -> Iterator[ComparisonLayout]:
    """All three are on screen."""
    from CTDenoiseScene.comparison import Comparison
    from CTDenoiseScene.comparison_layout import ComparisonLayout

    shown = ComparisonLayout(slicer_scene.scene, slicer_scene.application_logic, slicer_scene.layout_node)
    shown.show(Comparison.SMOOTH_SHARP_DENOISED, volumes, plot=True)
    yield shown
    shown.close()


@pytest.fixture
def make_tool(slicer_scene: SlicerScene) -> Iterator[Callable[[], ProfileTool]]:
    """Makes tools, and closes them in the end."""
    from CTDenoiseScene.measured_volumes import MeasuredVolumes
    from CTDenoiseScene.profile_tool import ProfileTool

    made = []

    def make() -> ProfileTool:
        made.append(ProfileTool(slicer_scene.scene, MeasuredVolumes()))
        return made[-1]

    yield make
    for tool in made:
        tool.close()


@pytest.fixture
def tool(make_tool: Callable[[], ProfileTool], layout: ComparisonLayout, volumes: ComparisonVolumes) -> ProfileTool:
    """Measures in all three."""
    tool = make_tool()
    tool.show(volumes, layout.slice_nodes())
    tool.work(1.0)
    return tool


@pytest.fixture
def line(tool: ProfileTool) -> Any:
    """Drawn by a script, and measured."""
    from support.profile_lines import draw

    return draw(tool)
