"""The self tests that Slicer runs, on the stand-in for its Qt side."""

from __future__ import annotations

import importlib
import os

import pytest
import slicer
import slicer.util


@pytest.fixture
def self_test(load_module):
    """Runs the self tests as Slicer does."""

    def run(**options) -> list[str]:
        loaded = load_module("CTDenoise", **options)
        said = []
        test = loaded.module.CTDenoiseTest()
        test.delayDisplay = lambda text, *_: said.append(text)
        test.runTest()
        return said

    return run


def test_they_pass_and_leave_everything_as_it_was(self_test, monkeypatch):
    monkeypatch.setenv("CTDENOISE_MODELS", "mine")
    said = self_test()
    assert len(said) == 12
    assert not any("not tested" in text for text in said)
    assert os.environ["CTDENOISE_MODELS"] == "mine"
    assert not slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    assert slicer.modules.CTDenoiseWidget.logic.parameters().model == ""


def test_they_pass_without_a_main_window(quick_workers, self_test):
    assert len(self_test(main_window=False)) == 12


def test_without_torch_they_test_the_rest_and_say_so(self_test, slicer_host):
    slicer_host.packages.remove("torch")
    assert self_test()[-1] == "Denoising itself was not tested, for lack of PyTorch."


def test_they_see_a_wrong_result(quick_workers, self_test, monkeypatch):
    monkeypatch.setattr(importlib.import_module("CTDenoisePanel.self_tests"), "expected_noise", lambda hu: 0.9 * hu)
    with pytest.raises(AssertionError, match="Not so: the output is the known one"):
        self_test()


def test_they_see_a_wrong_figure(quick_workers, self_test, slicer_host, monkeypatch):
    slicer_host.packages.remove("torch")
    tests = importlib.import_module("CTDenoisePanel.self_test_measure")
    values_in = tests._values_in
    monkeypatch.setattr(tests, "_values_in", lambda roi, volume: 1.01 * values_in(roi, volume))
    with pytest.raises(AssertionError, match="Not so: the mean of ROI 1 in Sharp is"):
        self_test()
