"""The self tests that Slicer runs, on the stand-in for its Qt side."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest
import slicer.util


@pytest.fixture
def self_test(trainer, load_module):
    """Runs the self tests as Slicer does."""

    def run(**options) -> list[str]:
        loaded = load_module("CTDenoiseTrain", **options)
        load_module("CTDenoise", entered=False, **options)
        said = []
        test = loaded.module.CTDenoiseTrainTest()
        test.delayDisplay = lambda text, *_: said.append(text)
        test.runTest()
        return said

    return run


def test_they_pass_and_leave_everything_as_it_was(self_test):
    models, runs = os.environ["CTDENOISE_MODELS"], os.environ["CTDENOISE_RUNS"]
    assert self_test() == ["panel without a volume", "training"]
    assert (os.environ["CTDENOISE_MODELS"], os.environ["CTDENOISE_RUNS"]) == (models, runs)
    assert not slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    assert not Path(runs).exists()


def test_they_pass_without_a_main_window(self_test):
    assert len(self_test(main_window=False)) == 2


def test_without_torch_they_test_the_rest_and_say_so(self_test, slicer_host):
    slicer_host.packages.remove("torch")
    assert self_test()[-1] == "Training itself was not tested, for lack of PyTorch."


def test_they_see_a_chart_without_curves(self_test, monkeypatch):
    importlib.import_module("CTDenoiseTrainPanel.self_tests")
    monkeypatch.setattr("CTDenoiseTrainScene.training_plot.TrainingPlot._draw", lambda self: None)
    with pytest.raises(AssertionError, match="the plot shows curves"):
        self_test()
