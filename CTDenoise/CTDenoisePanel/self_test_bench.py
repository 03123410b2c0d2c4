"""The panel in the hands of the self tests: they choose, press and wait as a user does."""

from __future__ import annotations

import unittest
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import slicer
import vtk

from CTDenoiseScene.results import Results, find_results

from .self_test_filter import MODEL_FOLDER, MODEL_NAME
from .self_test_module import ModuleBench

USERS_MODELS = "CTDENOISE_MODELS"


class Bench(ModuleBench):
    """The panel of CT Denoise.

    Args:
        case: The running test, which is failed when something does not happen in time.
    """

    def __init__(self, case: unittest.TestCase) -> None:
        super().__init__(case, "CTDenoise")

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """With the model of the self tests among the user's, and everything as before afterwards."""
        with self.with_environment({USERS_MODELS: str(MODEL_FOLDER)}):
            yield

    def choose(self, volume: Any, model: str) -> None:
        """Choose what to denoise with which model, on the processor."""
        parameters = self.widget.logic.parameters()
        parameters.model, parameters.device, parameters.precision = model, "cpu", "fp32"
        parameters.input_volume = volume
        self.settle()
        self.wait(lambda: self.ui.applyButton.enabled, "the button Apply to be enabled")

    def begin(self, volume: Any, model: str = MODEL_NAME) -> None:
        """Denoise a volume until its first sections are there."""
        self.choose(volume, model)
        self.ui.applyButton.click()
        self.wait(lambda: self.sections_of(volume), "the first denoised section")

    def denoise(self, volume: Any, model: str = MODEL_NAME) -> Results:
        """Denoise a volume, by default with the model of the self tests."""
        self.begin(volume, model)
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

    @property
    def state(self) -> str:
        """What the panel says, for failures."""
        button = self.ui.applyButton
        return f"The panel says “{self.message}”, its button “{button.text}” and “{button.toolTip}”."
