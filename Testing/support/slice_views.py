"""Pictures of the views of a layout as desktop Slicer shows them, rendered without a display.

The images come from Slicer's own slice logics, and what lies over them (markups, rulers, scale bars) from Slicer's own
displayable managers. The bar above a view and the arrangement of the views, which are Qt in desktop Slicer, are drawn
here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from vtk.util.numpy_support import vtk_to_numpy

from .plot_view import render_plot
from .slicer_scene import SlicerScene

Picture = NDArray[np.uint8]
BAR_HEIGHT = 24
GAP = 2
EMPTY_3D_VIEW = (193, 195, 232)
MANAGERS = (
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLCrosshairDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
    "vtkMRMLScalarBarDisplayableManager",
    "vtkMRMLMarkupsDisplayableManager",
)


class Box(NamedTuple):
    """Place of a view in the picture, in pixels from its upper left corner."""

    left: int
    top: int
    width: int
    height: int


class Pane(NamedTuple):
    """A view of the layout and its place, the bar above it included."""

    node: Any
    box: Box


def panes(slicer_scene: SlicerScene, size: tuple[int, int]) -> list[Pane]:
    """The views of the current layout in a window of this size (width, height)."""
    description = slicer_scene.layout_node.GetCurrentLayoutDescription()
    return list(_split(slicer_scene.scene, ET.fromstring(description), Box(0, 0, *size)))


def fit_views(slicer_scene: SlicerScene, size: tuple[int, int] = (1440, 900)) -> None:
    """Gives each slice view of the layout the size it has in a window of this size, as Qt does on showing a layout."""
    for node, box in panes(slicer_scene, size):
        if node.IsA("vtkMRMLSliceNode"):
            slicer_scene.slice_logic(node.GetLayoutName()).ResizeSliceNode(box.width, box.height - BAR_HEIGHT)


def render_layout(
    slicer_scene: SlicerScene, *, size: tuple[int, int] = (1440, 900), path: Path | None = None
) -> Picture:
    """Draws the current layout.

    Args:
        slicer_scene: Whose layout.
        size: Width and height of the picture in pixels.
        path: Where to write the picture as PNG, if anywhere.

    Returns:
        Picture of shape (height, width, 3).
    """
    fit_views(slicer_scene, size)
    picture = np.full((size[1], size[0], 3), 60, np.uint8)
    for node, box in panes(slicer_scene, size):
        inside = Box(box.left, box.top + BAR_HEIGHT, box.width, box.height - BAR_HEIGHT)
        if node.IsA("vtkMRMLSliceNode"):
            view = render_slice(slicer_scene, node, (inside.width, inside.height))
        elif node.IsA("vtkMRMLPlotViewNode"):
            view = render_plot(node, (inside.width, inside.height))
        else:
            view = EMPTY_3D_VIEW
        picture[inside.top : inside.top + inside.height, inside.left : inside.left + inside.width] = view
        picture[box.top : inside.top, box.left : box.left + box.width] = _bar(slicer_scene, node, box.width)
    if path is not None:
        Image.fromarray(picture).save(path)
    return picture


def render_slice(slicer_scene: SlicerScene, slice_node: Any, size: tuple[int, int]) -> Picture:
    """Draws one slice view without its bar, as an array of shape (height, width, 3)."""
    logic = slicer_scene.slice_logic(slice_node.GetLayoutName())
    logic.ResizeSliceNode(*size)
    with slice_window(slicer_scene, slice_node, size) as window:
        logic.UpdatePipeline()
        connection = logic.GetImageDataConnection()
        if connection is not None:
            # The pipeline delivers colours; window and level were applied by the volume's display node.
            mapper = vtk.vtkImageMapper()
            mapper.SetInputConnection(connection)
            mapper.SetColorWindow(255)
            mapper.SetColorLevel(127.5)
            image = vtk.vtkActor2D()
            image.SetMapper(mapper)
            image.GetProperty().SetDisplayLocationToBackground()
            window.GetRenderers().GetFirstRenderer().AddViewProp(image)
        window.Render()
        return _pixels(window)


@contextmanager
def slice_window(slicer_scene: SlicerScene, slice_node: Any, size: tuple[int, int]) -> Iterator[Any]:
    """A window off screen with Slicer's displayable managers for this slice node."""
    renderer = vtk.vtkRenderer()
    renderer.GetActiveCamera().ParallelProjectionOn()
    window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    window.SetSize(*size)
    window.AddRenderer(renderer)
    interactor = vtk.vtkRenderWindowInteractor()
    interactor.SetRenderWindow(window)

    factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance()
    factory.SetMRMLApplicationLogic(slicer_scene.application_logic)
    for manager in MANAGERS:
        if not factory.IsDisplayableManagerRegistered(manager):
            factory.RegisterDisplayableManager(manager)
    group = slicer.vtkMRMLDisplayableManagerGroup()
    group.Initialize(factory, renderer)
    group.SetMRMLDisplayableNode(slice_node)
    try:
        yield window
    finally:
        group.SetMRMLDisplayableNode(None)
        window.Finalize()


def _pixels(window: Any) -> Picture:
    grabber = vtk.vtkWindowToImageFilter()
    grabber.SetInput(window)
    grabber.ReadFrontBufferOff()
    grabber.Update()
    image = grabber.GetOutput()
    width, height, _ = image.GetDimensions()
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, 3)[::-1].copy()


def _split(scene: Any, element: ET.Element, box: Box) -> Iterator[Pane]:
    """Divides a box among the items of a layout element by their splitSize, as Qt's layouts and splitters do."""
    if element.tag == "view":
        yield Pane(scene.GetSingletonNode(element.get("singletontag"), element.get("class")), box)
        return
    items = element.findall("item")
    vertical = element.get("type") == "vertical"
    whole = (box.height if vertical else box.width) - GAP * (len(items) - 1)
    shares = np.cumsum([0.0] + [float(item.get("splitSize", 1)) for item in items])
    edges = [math.floor(whole * share / shares[-1]) for share in shares]
    for number, item in enumerate(items):
        start, length = edges[number] + GAP * number, edges[number + 1] - edges[number]
        part = (
            Box(box.left, box.top + start, box.width, length)
            if vertical
            else Box(box.left + start, box.top, length, box.height)
        )
        yield from _split(scene, item[0], part)


def _bar(slicer_scene: SlicerScene, node: Any, width: int) -> Picture:
    """The bar of a view: its colour, its label, and for a slice view the slider and the offset."""
    colour = tuple(round(255 * part) for part in node.GetLayoutColor())
    bar = Image.new("RGB", (width, BAR_HEIGHT), colour)
    draw = ImageDraw.Draw(bar)
    font = ImageFont.truetype(_font(), 12)
    label = node.GetLayoutLabel() or ""
    label_width = max(draw.textlength(label, font), draw.textlength("XX", font))
    draw.rectangle((22, 0, 30 + label_width, BAR_HEIGHT), fill=tuple(min(255, round(1.3 * part)) for part in colour))
    draw.text((26, BAR_HEIGHT / 2), label, font=font, fill="black", anchor="lm")
    if node.IsA("vtkMRMLSliceNode"):
        _draw_slider(draw, slicer_scene.slice_logic(node.GetLayoutName()), 40 + label_width, width, font)
    return np.asarray(bar)


def _draw_slider(draw: Any, logic: Any, left: float, width: int, font: Any) -> None:
    """Slider and offset in mm, right of the label: where they do not fit, neither would the label in Slicer."""
    offset = round(logic.GetSliceOffset(), 2) + 0.0  # no -0.00
    draw.rectangle((width - 104, 3, width - 24, BAR_HEIGHT - 4), fill="white")
    draw.text((width - 28, BAR_HEIGHT / 2), f"{offset:.2f}mm", font=font, fill="black", anchor="rm")
    low_high = [0.0, 0.0]
    if logic.GetSliceOffsetRangeResolution(low_high, vtk.reference(1.0)) and low_high[1] > low_high[0]:
        right = width - 112
        place = left + (right - left) * (offset - low_high[0]) / (low_high[1] - low_high[0])
        draw.line((left, BAR_HEIGHT / 2, right, BAR_HEIGHT / 2), fill=(90, 90, 90), width=3)
        draw.rectangle((place - 4, 4, place + 4, BAR_HEIGHT - 5), fill=(235, 235, 235), outline=(90, 90, 90))


def _font() -> str:
    import matplotlib as mpl

    return str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
