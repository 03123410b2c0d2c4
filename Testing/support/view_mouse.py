"""A mouse over a slice view: moves, clicks and drags that go through Slicer's own interaction, without a display."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import vtk

from .slice_views import slice_window
from .slicer_scene import SlicerScene


class ViewMouse:
    """Moves over a view, in world coordinates (R, A, S) of its plane."""

    def __init__(self, slice_node: Any, interactor: Any) -> None:
        self._slice_node = slice_node
        self._interactor = interactor

    def move(self, point: Sequence[float]) -> None:
        """To the pixel closest to a point."""
        to_view = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(self._slice_node.GetXYToRAS(), to_view)
        x, y = np.rint(to_view.MultiplyPoint((*point, 1.0))[:2]).astype(int).tolist()
        self._interactor.SetEventInformation(x, y)
        self._interactor.MouseMoveEvent()

    def click(self, point: Sequence[float]) -> None:
        """With the left button."""
        self.move(point)
        self.press()
        self.release()

    def right_click(self, point: Sequence[float]) -> None:
        self.move(point)
        self._interactor.RightButtonPressEvent()
        self._interactor.RightButtonReleaseEvent()

    def press(self) -> None:
        self._interactor.LeftButtonPressEvent()

    def release(self) -> None:
        self._interactor.LeftButtonReleaseEvent()

    def drag(self, *points: Sequence[float]) -> None:
        """From the first point over the others to the last."""
        self.move(points[0])
        self.press()
        for point in points[1:]:
            self.move(point)
        self.release()


@contextmanager
def mouse_over(parts: SlicerScene, slice_node: Any, size: tuple[int, int] = (480, 400)) -> Iterator[ViewMouse]:
    """A mouse over a view that has this size in pixels."""
    parts.slice_logic(slice_node.GetLayoutName()).ResizeSliceNode(*size)
    with slice_window(parts, slice_node, size) as window:
        window.Render()
        window.GetInteractor().EnterEvent()
        yield ViewMouse(slice_node, window.GetInteractor())
