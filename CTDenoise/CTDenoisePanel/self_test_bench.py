"""The panel in the hands of the self tests: they choose, press and wait as a user does."""

from __future__ import annotations

import os
import time
import unittest
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import slicer
import vtk

from CTDenoiseScene.results import Results, find_results

from .self_test_filter import MODEL_FOLDER, MODEL_NAME

_USERS_MODELS = "CTDENOISE_MODELS"
# A worker that starts for the first time on a slow disk needs most of it to load torch.
_PATIENCE_SECONDS = 120.0
_LOOK_AGAIN_SECONDS = 0.005
_SETTLING_SECONDS = 0.1


class Bench:
    """The module's real widget in a scene of its own.

    Args:
        case: The running test, which is failed when something does not happen in time.
    """

    def __init__(self, case: unittest.TestCase) -> None:
        self.case = case
        # Without a main window no panel was shown yet, and Slicer makes it now.
        self.widget = getattr(slicer.modules, "CTDenoiseWidget", None) or slicer.util.getModuleWidget("CTDenoise")
        self.ui = slicer.util.childWidgetVariables(self.widget.parent)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """With the model of the self tests among the user's, and everything as before afterwards."""
        before = os.environ.get(_USERS_MODELS)
        os.environ[_USERS_MODELS] = str(MODEL_FOLDER)
        try:
            yield
        finally:
            if before is None:
                del os.environ[_USERS_MODELS]
            else:
                os.environ[_USERS_MODELS] = before
            self.start_afresh()

    def start_afresh(self) -> None:
        """Close the scene and open the panel again."""
        slicer.mrmlScene.Clear()
        self.settle()
        self.widget.enter()
        self.settle()

    def choose(self, volume: Any) -> None:
        """Choose what to denoise, with the model of the self tests, on the processor."""
        parameters = self.widget.logic.parameters()
        parameters.model, parameters.device, parameters.precision = MODEL_NAME, "cpu", "fp32"
        parameters.input_volume = volume
        self.settle()
        self.wait(lambda: self.ui.applyButton.enabled, "the button Apply to be enabled")

    def begin(self, volume: Any) -> None:
        """Denoise a volume until its first sections are there."""
        self.choose(volume)
        self.ui.applyButton.click()
        self.wait(lambda: self.sections_of(volume), "the first denoised section")

    def denoise(self, volume: Any) -> Results:
        """Denoise a volume."""
        self.begin(volume)
        self.wait_for_the_end()
        (results,) = find_results(slicer.mrmlScene, volume)
        return results

    def draw(self, button: Any, points: Iterable[tuple[float, float, float]]) -> Any:
        """Press a button that starts drawing, click points (RAS, mm) into a view, and return the node."""
        button.click()
        logic = slicer.app.applicationLogic()
        node = slicer.mrmlScene.GetNodeByID(logic.GetSelectionNode().GetActivePlaceNodeID())
        for point in points:
            node.AddControlPointWorld(vtk.vtkVector3d(*point))
        logic.GetInteractionNode().SwitchToViewTransformMode()
        self.settle()
        return node

    def wait_for_the_end(self) -> None:
        """Wait until no run is on."""
        self.wait(lambda: not self.running, "the end of the run")
        self.settle()

    @property
    def running(self) -> bool:
        """Whether a run is on, as far as the panel shows: in any language, and without a window."""
        return not self.ui.progressBar.isHidden()

    @staticmethod
    def sections_of(volume: Any) -> frozenset[int]:
        """The sections of a volume that are denoised so far."""
        results = find_results(slicer.mrmlScene, volume)
        return results[-1].sections if results else frozenset()

    @property
    def message(self) -> str:
        """What the line below the button says."""
        return str(self.ui.denoiseMessageLabel.text)

    def check(self, holds: bool, what: str) -> None:
        """Fail the test unless something holds that should; `what` says it."""
        if not holds:
            self.case.fail(f"Not so: {what}. {self._state}")

    def wait(self, until: Callable[[], object], what: str) -> None:
        """Run the event loop until something is true."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not until():
            if time.monotonic() > deadline:
                self.case.fail(f"Waited in vain for {what}. {self._state}")
            slicer.app.processEvents()
            time.sleep(_LOOK_AGAIN_SECONDS)

    def settle(self) -> None:
        """Let the panel catch up with what has happened."""
        deadline = time.monotonic() + _SETTLING_SECONDS
        while time.monotonic() < deadline:
            slicer.app.processEvents()
            time.sleep(_LOOK_AGAIN_SECONDS)

    @property
    def _state(self) -> str:
        button = self.ui.applyButton
        return f"The panel says “{self.message}”, its button “{button.text}” and “{button.toolTip}”."
