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
from PIL import Image, ImageDraw
from vtk.util.numpy_support import vtk_to_numpy

from .plot_view import render_plot
from .slicer_scene import SlicerScene
from .table_view import font_of_size, render_table

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


def fit_views(slicer_scene: SlicerScene, size: tuple[int, int] = (1440, 900), *, scale: float = 1.0) -> None:
    """Gives each slice view of the layout the size it has in a window of this size, as Qt does on showing a layout."""
    for node, box in panes(slicer_scene, size):
        if node.IsA("vtkMRMLSliceNode"):
            inside = _below_bar(box, scale)
            slicer_scene.slice_logic(node.GetLayoutName()).ResizeSliceNode(inside.width, inside.height)


def render_layout(
    slicer_scene: SlicerScene, *, size: tuple[int, int] = (1440, 900), path: Path | None = None, scale: float = 1.0
) -> Picture:
    """Draws the current layout.

    Args:
        slicer_scene: Whose layout.
        size: Width and height of the picture in pixels.
        path: Where to write the picture as PNG, if anywhere.
        scale: How many times the bars are magnified, as on a screen of high resolution.

    Returns:
        Picture of shape (height, width, 3).
    """
    fit_views(slicer_scene, size, scale=scale)
    picture = np.full((size[1], size[0], 3), 60, np.uint8)
    for node, box in panes(slicer_scene, size):
        inside = _below_bar(box, scale)
        if node.IsA("vtkMRMLSliceNode"):
            view = render_slice(slicer_scene, node, (inside.width, inside.height))
        elif node.IsA("vtkMRMLPlotViewNode"):
            view = render_plot(node, (inside.width, inside.height), scale=scale)
        elif node.IsA("vtkMRMLTableViewNode"):
            view = render_table(node, (inside.width, inside.height), scale=scale)
        else:
            view = EMPTY_3D_VIEW
        picture[inside.top : inside.top + inside.height, inside.left : inside.left + inside.width] = view
        picture[box.top : inside.top, box.left : box.left + box.width] = _bar(slicer_scene, node, box.width, scale)
    if path is not None:
        Image.fromarray(picture).save(path)
    return picture


def render_slice(slicer_scene: SlicerScene, slice_node: Any, size: tuple[int, int]) -> Picture:
    """Draws one slice view without its bar, as an array of shape (height, width, 3)."""
    logic = slicer_scene.slice_logic(slice_node.GetLayoutName())
    logic.ResizeSliceNode(*size)
    logic.UpdatePipeline()
    with slice_window(slicer_scene, slice_node, size, image=_image_of(logic)) as window:
        window.Render()
        return _pixels(window)


def _image_of(slice_logic: Any) -> Any:
    """The image of a view; `None` if it shows none."""
    connection = slice_logic.GetImageDataConnection()
    if connection is None:
        return None
    # The pipeline delivers colours; window and level were applied by the volume's display node.
    mapper = vtk.vtkImageMapper()
    mapper.SetInputConnection(connection)
    mapper.SetColorWindow(255)
    mapper.SetColorLevel(127.5)
    image = vtk.vtkActor2D()
    image.SetMapper(mapper)
    image.GetProperty().SetDisplayLocationToBackground()
    return image


@contextmanager
def slice_window(
    slicer_scene: SlicerScene, slice_node: Any, size: tuple[int, int], *, image: Any = None
) -> Iterator[Any]:
    """A window off screen with Slicer's displayable managers, which react to the mouse, for this slice node."""
    renderer = vtk.vtkRenderer()
    if image is not None:
        renderer.AddViewProp(image)  # first, as what is translucent over it mixes with what was drawn before
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
    style = slicer.vtkMRMLSliceViewInteractorStyle()
    style.SetSliceLogic(slicer_scene.slice_logic(slice_node.GetLayoutName()))
    style.SetDisplayableManagers(group)
    interactor.SetInteractorStyle(vtk.vtkInteractorStyleUser())
    style.SetInteractor(interactor)
    try:
        yield window
    finally:
        style.SetInteractor(None)
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


def _below_bar(box: Box, scale: float) -> Box:
    """What is left of the place of a view for its picture."""
    bar = round(BAR_HEIGHT * scale)
    return Box(box.left, box.top + bar, box.width, box.height - bar)


def _bar(slicer_scene: SlicerScene, node: Any, width: int, scale: float) -> Picture:
    """The bar of a view: its colour, its label, and for a slice view the slider and the offset."""
    colour = tuple(round(255 * part) for part in node.GetLayoutColor())
    height = round(BAR_HEIGHT * scale)
    bar = Image.new("RGB", (width, height), colour)
    draw = ImageDraw.Draw(bar)
    font = font_of_size(12 * scale)
    label = node.GetLayoutLabel() or ""
    label_width = max(draw.textlength(label, font), draw.textlength("XX", font))
    light = tuple(min(255, round(1.3 * part)) for part in colour)
    draw.rectangle((22 * scale, 0, 30 * scale + label_width, height), fill=light)
    draw.text((26 * scale, height / 2), label, font=font, fill="black", anchor="lm")
    if node.IsA("vtkMRMLSliceNode"):
        logic = slicer_scene.slice_logic(node.GetLayoutName())
        _draw_slider(draw, logic, (40 * scale + label_width, width), font, scale)
    return np.asarray(bar)


def _draw_slider(draw: Any, logic: Any, between: tuple[float, float], font: Any, scale: float) -> None:
    """Slider and offset in mm, right of the label: where they do not fit, neither would the label in Slicer."""
    left, right = between
    middle, bottom = BAR_HEIGHT * scale / 2, (BAR_HEIGHT - 4) * scale
    offset = round(logic.GetSliceOffset(), 2) + 0.0  # no -0.00
    draw.rectangle((right - 104 * scale, 3 * scale, right - 24 * scale, bottom), fill="white")
    draw.text((right - 28 * scale, middle), f"{offset:.2f}mm", font=font, fill="black", anchor="rm")
    low_high = [0.0, 0.0]
    if logic.GetSliceOffsetRangeResolution(low_high, vtk.reference(1.0)) and low_high[1] > low_high[0]:
        end = right - 112 * scale
        place = left + (end - left) * (offset - low_high[0]) / (low_high[1] - low_high[0])
        draw.line((left, middle, end, middle), fill=(90, 90, 90), width=round(3 * scale))
        knob = (place - 4 * scale, 4 * scale, place + 4 * scale, bottom - scale)
        draw.rectangle(knob, fill=(235, 235, 235), outline=(90, 90, 90))
