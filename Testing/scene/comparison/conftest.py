"""An exam in the scene, and a layout to compare its volumes in."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from CTDenoiseScene.comparison import Role
    from CTDenoiseScene.comparison_layout import ComparisonLayout
    from support.comparison_exam import ComparisonExam
    from support.slicer_scene import SlicerScene

if importlib.util.find_spec("slicer") is None:  # as in the folder above
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def exam(slicer_scene: SlicerScene) -> ComparisonExam:
    """A smooth and a sharp reconstruction, the sharp one denoised."""
    from support.comparison_exam import make_exam

    return make_exam(slicer_scene)


@pytest.fixture
def make_layout(slicer_scene: SlicerScene) -> Iterator[Callable[[ComparisonExam], ComparisonLayout]]:
    """Makes comparison layouts, and closes them in the end."""
    from CTDenoiseScene.comparison_layout import ComparisonLayout

    made = []

    def make(exam: ComparisonExam) -> ComparisonLayout:
        scene, logic, layout_node = slicer_scene.scene, slicer_scene.application_logic, slicer_scene.layout_node
        made.append(ComparisonLayout(scene, logic, layout_node, headers=exam.headers))
        return made[-1]

    yield make
    for layout in made:
        layout.close()


@pytest.fixture
def layout(make_layout: Callable[[ComparisonExam], ComparisonLayout], exam: ComparisonExam) -> ComparisonLayout:
    """No comparison is shown yet."""
    return make_layout(exam)


@pytest.fixture
def grey_in(slicer_scene: SlicerScene) -> Callable[[Role], int]:
    """Grey value, 0 to 255, in the middle of the picture of a view."""
    from support.slice_views import render_slice

    def grey(role: Role) -> int:
        node = slicer_scene.slice_logic(role.tag).GetSliceNode()
        return int(render_slice(slicer_scene, node, (120, 100))[50, 60, 0])

    return grey
