"""The line profile in the section Measure: the line, how wide it averages, and how it finds values between voxels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from CTDenoiseLib.signal import Signal

from .problem_list import ProblemList

if TYPE_CHECKING:
    import slicer

    from CTDenoiseScene.profile_tool import ProfileTool

    from .parameters import Parameters


class ProfileControls:
    """Hands the line that the user draws or chooses to the tool that measures along it.

    Args:
        ui: Widgets of the panel; width and interpolation are bound to the parameters by the .ui file.
        tool: Measures.

    Attributes:
        started: Emits when the user is about to draw a line, or has chosen another one.
    """

    def __init__(self, ui: Any, tool: ProfileTool) -> None:
        self.started: Signal[[]] = Signal()
        self._selector = ui.lineSelector
        self._problems = ProblemList(ui.profileProblemLabel)
        self._tool = tool
        ui.newLineButton.clicked.connect(self._on_new_line)
        ui.newCurveButton.clicked.connect(self._on_new_curve)
        # Tells what the user picks, not that the neighbour of a deleted line took its place.
        ui.lineSelector.nodeActivated.connect(self._on_chosen)

    def show(self, parameters: Parameters | None) -> None:
        """Measure as the parameters say, and show which line it is."""
        if parameters is not None:
            settings = replace(
                self._tool.settings,
                width_mm=parameters.profile_width,
                interpolation=parameters.interpolation.value,
            )
            if settings != self._tool.settings:
                self._tool.settings = settings
        line = self._tool.line
        self._selector.setCurrentNodeID(line.GetID() if line is not None else "")

    def show_problems(self) -> None:
        """Say why there is no profile, or not of all volumes."""
        self._problems.show([self._tool.problem] if self._tool.problem else [])

    def _on_new_line(self, *_args: object) -> None:
        self.started.emit()
        self._tool.new_line()

    def _on_new_curve(self, *_args: object) -> None:
        self.started.emit()
        self._tool.new_curve()

    def _on_chosen(self, line: slicer.vtkMRMLMarkupsNode | None) -> None:
        if line is not None:
            self.started.emit()
        self._tool.choose(line)
