from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import vtk

from CTDenoiseScene.redraw import Redraw
from CTDenoiseScene.voxels import voxels_of
from support.slice_views import render_slice
from support.slicer_scene import SlicerScene


@pytest.fixture
def volume(slicer_scene: SlicerScene) -> Any:
    """Black, with its middle section in the view Red."""
    node = slicer_scene.add_volume(np.full((5, 8, 8), -1000, dtype=np.int16))
    logic = slicer_scene.slice_logic("Red")
    logic.GetSliceCompositeNode().SetBackgroundVolumeID(node.GetID())
    logic.ResizeSliceNode(100, 100)
    logic.FitSliceToBackground()
    logic.SetSliceOffset(2.0)
    return node


def times_drawn(slicer_scene: SlicerScene) -> list[None]:
    """Grows each time when a view of desktop Slicer would be drawn: it listens to its slice logic, and to no volume."""
    seen: list[None] = []
    slicer_scene.slice_logic("Red").AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: seen.append(None))
    return seen


def test_a_view_on_a_changed_section_is_drawn_anew_and_shows_it(slicer_scene: SlicerScene, volume: Any) -> None:
    view = slicer_scene.slice_logic("Red").GetSliceNode()
    assert render_slice(slicer_scene, view, (100, 100))[50, 50, 0] == 0
    drawn, redraw = times_drawn(slicer_scene), Redraw(volume)
    voxels_of(volume)[2] = 1000
    redraw.note(2)
    redraw.flush((2,))
    assert len(drawn) == 1
    assert render_slice(slicer_scene, view, (100, 100))[50, 50, 0] == 255


def test_the_image_forgets_the_range_of_its_values_at_the_end_only(volume: Any) -> None:
    image, redraw = volume.GetImageData(), Redraw(volume)
    assert image.GetScalarRange() == (-1000, -1000)
    voxels_of(volume)[2] = 1000
    redraw.note(2)
    redraw.flush((2,))
    assert image.GetScalarRange() == (-1000, -1000)
    redraw.note(2)
    redraw.flush((), everything=True, new_range=True)
    assert image.GetScalarRange() == (-1000, 1000)


def test_a_section_that_no_view_shows_draws_nothing_until_everything_is_to_be_drawn(
    slicer_scene: SlicerScene, volume: Any
) -> None:
    drawn, redraw = times_drawn(slicer_scene), Redraw(volume)
    redraw.note(4)
    redraw.flush((2,))
    assert not drawn
    redraw.flush((2,), everything=True)
    assert len(drawn) == 1
    redraw.flush((2,), everything=True)
    assert len(drawn) == 1


def test_a_volume_that_was_deleted_is_not_asked_for_anything(slicer_scene: SlicerScene, volume: Any) -> None:
    redraw = Redraw(volume)
    redraw.note(2)
    slicer_scene.scene.RemoveNode(volume)
    redraw.flush((2,))
