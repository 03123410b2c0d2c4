"""The slice views of the layout, drawn when they change as desktop Slicer draws them, but off screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import vtk
from PySide6.QtCore import QTimer

from support.slice_views import BAR_HEIGHT, panes, slice_window
from support.slicer_scene import SlicerScene

# ctkVTKAbstractView, on which Slicer's views build, draws no more often than 60 times a second.
REDRAW_MS = 16


@dataclass(frozen=True)
class Drawing:
    """What it took to draw one view once.

    Attributes:
        view: Its name in the layout.
        at: When it was finished, by `time.perf_counter`.
        slicing_seconds: To cut the slice out of the volume and to turn its values into colours.
        painting_seconds: To bring colours and annotations on the screen with OpenGL.
    """

    view: str
    at: float
    slicing_seconds: float
    painting_seconds: float

    @property
    def seconds(self) -> float:
        """In all."""
        return self.slicing_seconds + self.painting_seconds


class LiveView:
    """One slice view with a window of its own; it is drawn a moment after what it shows has changed.

    Args:
        parts: Slicer.
        node: The slice node.
        size: Width and height in pixels.
        on_drawn: Called after each drawing.
    """

    def __init__(
        self, parts: SlicerScene, node: Any, size: tuple[int, int], on_drawn: Callable[[Drawing], None]
    ) -> None:
        self.node = node
        self.name = node.GetLayoutName()
        self._on_drawn = on_drawn
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.draw)
        self._logic = parts.slice_logic(self.name)
        self._logic.ResizeSliceNode(*size)
        self._stack = ExitStack()
        self._window = self._stack.enter_context(slice_window(parts, node, size))
        self._mapper = vtk.vtkImageMapper()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        self._image = vtk.vtkActor2D()
        self._image.SetMapper(self._mapper)
        self._image.GetProperty().SetDisplayLocationToBackground()
        self._image.VisibilityOff()
        self._window.GetRenderers().GetFirstRenderer().AddViewProp(self._image)
        tag = self._logic.AddObserver(vtk.vtkCommand.ModifiedEvent, self._on_change)
        self._stack.callback(self._logic.RemoveObserver, tag)
        self._on_change()

    @property
    def waits(self) -> bool:
        """Whether it has changed since it was drawn."""
        return self._timer.isActive()

    @property
    def renderer(self) -> str:
        """What paints."""
        lines = self._window.ReportCapabilities().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("OpenGL renderer string")]
        return names[0] if names else "unknown"

    def draw(self) -> Drawing:
        """Draw it now."""
        start = time.perf_counter()
        self._timer.stop()
        self._logic.UpdatePipeline()
        connection = self._logic.GetImageDataConnection()
        self._image.SetVisibility(connection is not None)
        if connection is not None:
            self._mapper.SetInputConnection(connection)
            connection.GetProducer().Update()
        sliced = time.perf_counter()
        self._window.Render()
        self._window.WaitForCompletion()
        now = time.perf_counter()
        drawing = Drawing(self.name, now, sliced - start, now - sliced)
        self._on_drawn(drawing)
        return drawing

    def close(self) -> None:
        """Give the window back."""
        self._timer.stop()
        self._stack.close()

    def _on_change(self, *_: object) -> None:
        if not self.waits:
            self._timer.start(REDRAW_MS)


class LiveViews:
    """All slice views of the layout that is on screen.

    Args:
        parts: Slicer.
        size: Width and height in pixels of the part of the main window that the views fill.

    Attributes:
        on_drawn: Called after each drawing.
        seconds_drawn: What all drawings took so far.
    """

    def __init__(self, parts: SlicerScene, size: tuple[int, int]) -> None:
        self.seconds_drawn = 0.0
        self.on_drawn: Callable[[Drawing], None] = lambda _: None
        self._parts = parts
        self._size = size
        self._views: dict[str, LiveView] = {}
        self._layout_tag = parts.layout_node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._arrange)
        self._arrange()

    def __len__(self) -> int:
        return len(self._views)

    def node(self, name: str) -> Any:
        """The slice node of a view on screen, by its name in the layout."""
        return self._views[name].node

    @property
    def renderer(self) -> str:
        """What paints, such as "llvmpipe", which is software."""
        return next(iter(self._views.values())).renderer

    def draw(self) -> list[Drawing]:
        """Draw the views now that have changed."""
        return [view.draw() for view in self._views.values() if view.waits]

    def close(self) -> None:
        """Draw nothing any more."""
        self._parts.layout_node.RemoveObserver(self._layout_tag)
        self._keep(())

    def _arrange(self, *_: object) -> None:
        """Show the views of the layout; what leaves it is closed, as nobody sees it."""
        boxes = {pane.node.GetLayoutName(): pane for pane in panes(self._parts, self._size) if _is_slice(pane.node)}
        self._keep(boxes)
        for name, (node, box) in boxes.items():
            if name not in self._views:
                size = box.width, box.height - BAR_HEIGHT
                self._views[name] = LiveView(self._parts, node, size, self._tell)

    def _tell(self, drawing: Drawing) -> None:
        self.seconds_drawn += drawing.seconds
        self.on_drawn(drawing)

    def _keep(self, names: Any) -> None:
        for name in [name for name in self._views if name not in names]:
            self._views.pop(name).close()


def _is_slice(node: Any) -> bool:
    return node is not None and bool(node.IsA("vtkMRMLSliceNode"))
