"""The ROIs in the section Measure: how they are drawn and placed, and which of them is the background."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from CTDenoiseLib.signal import Signal
from CTDenoiseScene.roi_shapes import RoiShape

from .choices import Choice, chosen_value, show_choices
from .problem_list import ProblemList
from .roi_list import RoiList

if TYPE_CHECKING:
    from CTDenoiseScene.roi_tool import RoiTool

    from .parameters import Parameters

_SHAPE_BUTTONS = {
    "boxButton": RoiShape.BOX,
    "ellipsoidButton": RoiShape.ELLIPSOID,
    "cylinderButton": RoiShape.CYLINDER,
    "closedCurveButton": RoiShape.CLOSED_CURVE,
}
_UNIFORM_ROIS = 5


class RoiControls:
    """Hands the ROIs that the user draws to the tool that measures in them.

    Args:
        ui: Widgets of the panel.
        tool: Measures.

    Attributes:
        started: Emits when the user is about to get another ROI.
    """

    def __init__(self, ui: Any, tool: RoiTool) -> None:
        self.started: Signal[[]] = Signal()
        self._background = ui.backgroundSelector
        self._list = RoiList(ui, tool)
        self._problems = ProblemList(ui.roiProblemLabel)
        self._tool = tool
        for name, shape in _SHAPE_BUTTONS.items():
            getattr(ui, name).clicked.connect(partial(self._on_new, shape))
        ui.uniformRoisButton.clicked.connect(self._on_uniform)
        ui.backgroundSelector.currentIndexChanged.connect(self._on_background)

    def show(self, parameters: Parameters | None) -> None:
        """Measure as the parameters say, and show which ROIs there are, and which is the background."""
        if parameters is not None and self._tool.resample != parameters.resample:
            self._tool.resample = parameters.resample
        self._list.show()
        choices = [Choice("", _("None")), *(Choice(node.GetID(), node.GetName()) for node in self._tool.regions)]
        background = self._tool.background
        show_choices(self._background, choices, background.GetID() if background is not None else "")

    def show_problems(self) -> None:
        """Say which ROI cannot be measured, and why."""
        self._problems.show(self._tool.problems)

    def _on_new(self, shape: RoiShape, *_args: object) -> None:
        self.started.emit()
        self._tool.new(shape)

    def _on_uniform(self, *_args: object) -> None:
        self.started.emit()
        self._tool.place_uniform(_UNIFORM_ROIS)

    def _on_background(self, *_args: object) -> None:
        chosen = chosen_value(self._background)
        self._tool.background = next((node for node in self._tool.regions if node.GetID() == chosen), None)
