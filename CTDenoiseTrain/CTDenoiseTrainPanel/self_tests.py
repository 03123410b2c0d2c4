"""The self tests of the module, run by Slicer's “Reload and Test” and by CTest: what a user does, on the real panel.

They close the scene. With and without a main window, and without torch, each does what is possible there.
"""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from CTDenoiseLib.models.store import ModelStore
from CTDenoisePanel.self_test_bench import USERS_MODELS, Bench
from CTDenoisePanel.self_test_data import add_volume, noisy_cylinder
from CTDenoisePanel.self_test_filter import expected_noise
from CTDenoisePanel.self_test_module import ModuleBench
from CTDenoiseTrainScene.training_layout_description import PLOT_TAG

from .parameters import Parameters
from .self_test_recipe import SIZE, choose_tiny_recipe

_USERS_RUNS = "CTDENOISE_RUNS"
_CURVES = {"Training", "Validation"}
_NAME = "self-test-training"


class TrainBench(ModuleBench):
    """The panel of CT Denoise Train.

    Args:
        case: The running test.
    """

    def __init__(self, case: unittest.TestCase) -> None:
        super().__init__(case, "CTDenoiseTrain")

    @property
    def parameters(self) -> Parameters:
        """What is chosen."""
        return self.widget.logic.parameters()

    @property
    def state(self) -> str:
        """What the panel says, for failures."""
        button = self.ui.startButton
        return f"The panel says “{self.ui.trainMessageLabel.text}”, its button “{button.text}” and “{button.toolTip}”."

    def press(self, button: Any) -> None:
        """Press a button once it can be pressed."""
        self.wait(lambda: button.enabled, f"the button “{button.text}” to be enabled")
        button.click()
        self.settle()


def run_self_tests(case: unittest.TestCase) -> None:
    """Run them all; a failure is one of the given test."""
    bench = TrainBench(case)
    missing = bench.widget.panel.missing_packages
    # On Windows the worker may keep files open until it has ended.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folders = {variable: str(Path(name) / variable) for variable in (USERS_MODELS, _USERS_RUNS)}
        with bench.with_environment(folders):
            bench.widget.logic.client.quit()  # one that knows other folders
            bench.start_afresh()
            _say(case, "panel without a volume")
            _panel_without_a_volume(bench)
            if not missing:
                _say(case, "training")
                _training(bench, Bench(case))
            bench.widget.logic.client.quit()
    if missing:
        _say(case, _("Training itself was not tested, for lack of {names}.").format(names=missing))


def _say(case: Any, text: str) -> None:
    """As Slicer's own self tests do, in a window that goes by itself."""
    case.delayDisplay(text, 100)


def _panel_without_a_volume(bench: TrainBench) -> None:
    for name in ("lookButton", "startButton", "pauseButton", "stopButton", "keepButton", "discardButton"):
        button = getattr(bench.ui, name)
        bench.check(not button.enabled and bool(button.toolTip), f"“{button.text}” is disabled and says why")


def _training(bench: TrainBench, denoise: Bench) -> None:
    """Train three tiny epochs, see the curves, keep the model, and denoise with it."""
    hu = noisy_cylinder(*SIZE)
    sharp = add_volume(hu, "Sharp")
    smooth = add_volume(np.rint(hu - expected_noise(hu)).astype(np.int16), "Smooth")
    choose_tiny_recipe(bench.parameters, sharp, smooth, name=_NAME)
    bench.settle()
    bench.press(bench.ui.startButton)
    bench.wait(lambda: not bench.ui.resultLabel.isHidden(), "the result of the training")
    bench.settle()
    if slicer.app.layoutManager() is not None:
        bench.check(_curves() == _CURVES, f"the plot shows curves of training and validation, not {_curves()}")
    bench.press(bench.ui.keepButton)
    bench.wait(lambda: _NAME in {card.name for card in ModelStore.default().cards()}, "the model in the store")
    bench.settle()
    denoise.widget.enter()
    results = denoise.denoise(sharp, _NAME)
    denoise.check(results.provenance.model == _NAME, "the volume is denoised with the new model")
    denoise.check(results.sections == frozenset(range(len(hu))), "all sections are denoised")
    bench.press(bench.ui.discardButton)


def _curves() -> set[str]:
    """Names of the curves beside the views that hold at least a value."""
    view = slicer.mrmlScene.GetSingletonNode(PLOT_TAG, "vtkMRMLPlotViewNode")
    chart = view.GetPlotChartNode() if view is not None else None
    names = set()
    for number in range(chart.GetNumberOfPlotSeriesNodes() if chart is not None else 0):
        series = chart.GetNthPlotSeriesNode(number)
        values = slicer.util.arrayFromTableColumn(series.GetTableNode(), series.GetYColumnName())
        if np.isfinite(values).any():
            names.add(series.GetName())
    return names
