"""How the difference of input and output is shown: symmetric about 0 HU, in a width that the user reads in HU."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import slicer

from CTDenoiseLib.signal import Signal

from .observers import Observers
from .provenance import Provenance
from .results import Results

if TYPE_CHECKING:
    from slicer import vtkMRMLColorTableNode, vtkMRMLScalarVolumeNode, vtkMRMLScene

_GREY_ID = "vtkMRMLColorTableNodeGrey"  # one of the colour nodes that every Slicer scene has
_DIVERGING_TAG = "CTDenoiseDiverging"
_DIVERGING_STOPS = ((0.23, 0.30, 0.75), (0.87, 0.87, 0.87), (0.71, 0.02, 0.15))  # blue, light grey at 0, red
_WEAKEST = 1e-3


class DifferenceColours(Enum):
    """Colour tables for a difference."""

    GREY = "Grey"
    DIVERGING = "Blue – red"


class DifferenceDisplay:
    """Shows a noise volume as the difference "input - output" at the strength of the output.

    The noise node holds the noise at full strength in steps of a tenth of a HU; window and level of its display are set
    so that the picture is that of strength · noise in HU. A window that the user changes with the mouse is taken over
    as the new width, the level stays at 0.

    Args:
        scene: Where the colour table is kept.

    Attributes:
        changed: Emits when the width was changed, by the user's mouse too.
    """

    def __init__(self, scene: vtkMRMLScene, *, width_hu: float = 200.0) -> None:
        self.changed: Signal[[]] = Signal()
        self._scene = scene
        self._width_hu = width_hu
        self._colours = DifferenceColours.GREY
        self._noise: vtkMRMLScalarVolumeNode | None = None
        self._output: vtkMRMLScalarVolumeNode | None = None
        self._observers = Observers()
        self._updating = False

    @property
    def width_hu(self) -> float:
        """Difference between the darkest and the lightest value: ±100 HU is a width of 200 HU."""
        return self._width_hu

    @width_hu.setter
    def width_hu(self, width_hu: float) -> None:
        if width_hu != self._width_hu:
            self._width_hu = width_hu
            self.update()
            self.changed.emit()

    @property
    def colours(self) -> DifferenceColours:
        """Colour table."""
        return self._colours

    @colours.setter
    def colours(self, colours: DifferenceColours) -> None:
        self._colours = colours
        self.update()

    def show(self, noise: vtkMRMLScalarVolumeNode | None, output: vtkMRMLScalarVolumeNode | None) -> None:
        """Take care of a noise volume at the strength of an output; of none with `None`."""
        self._observers.clear()
        self._noise, self._output = noise, output
        if noise is not None:
            self.update()
            self._observers.add(noise, slicer.vtkMRMLDisplayableNode.DisplayModifiedEvent, self._on_display_modified)

    def update(self) -> None:
        """Set the display anew, as when the strength has changed."""
        display = self._noise.GetScalarVolumeDisplayNode() if self._noise is not None else None
        if display is None:
            return
        window, colour_node_id = self._width_hu / self._hu_per_value, self._colour_node_id()
        self._updating = True
        blocked = display.StartModify()
        display.SetAutoWindowLevel(False)
        display.SetWindowLevel(window, 0.0)
        display.SetAndObserveColorNodeID(colour_node_id)
        display.EndModify(blocked)
        self._updating = False

    @property
    def _hu_per_value(self) -> float:
        """HU of difference for each unit of the noise volume; never 0, or there would be no window.

        Noise that was not made here, such as a series that was loaded, is in HU.
        """
        made, result = Provenance.read(self._noise) if self._noise is not None else None, Results.of(self._output)
        step_hu = made.noise_step_hu if made is not None else 1.0
        return step_hu * max(result.strength if result is not None else 1.0, _WEAKEST)

    def _on_display_modified(self, noise: vtkMRMLScalarVolumeNode, _event: str) -> None:
        display = noise.GetScalarVolumeDisplayNode()
        if self._updating or display is None:
            return
        if display.GetLevel() or not np.isclose(display.GetWindow() * self._hu_per_value, self._width_hu):
            self._width_hu = display.GetWindow() * self._hu_per_value
            self.update()
            self.changed.emit()

    def _colour_node_id(self) -> str:
        if self._colours is DifferenceColours.GREY:
            return _GREY_ID
        return str(_diverging_colours(self._scene).GetID())


def _diverging_colours(scene: vtkMRMLScene) -> vtkMRMLColorTableNode:
    """Blue for what the output gained, red for what it lost, light grey where both agree.

    Slicer has such a table as a file, which does not come with every Slicer; this one is the same everywhere.
    """
    node = scene.GetSingletonNode(_DIVERGING_TAG, "vtkMRMLColorTableNode")
    if node is not None:
        return node
    node = slicer.vtkMRMLColorTableNode()
    node.SetSingletonTag(_DIVERGING_TAG)
    node.SetName("CTDenoise difference")
    node.SetTypeToUser()
    node.SetNumberOfColors(255)  # odd: 0 HU has a colour of its own
    where = np.linspace(-1.0, 1.0, 255)
    colours = np.stack(
        [np.interp(where, (-1.0, 0.0, 1.0), stops) for stops in zip(*_DIVERGING_STOPS, strict=True)], axis=1
    )
    for number, (red, green, blue) in enumerate(colours):
        node.SetColor(number, str(number), float(red), float(green), float(blue), 1.0)
    node.SetSaveWithScene(False)
    return scene.AddNode(node)
