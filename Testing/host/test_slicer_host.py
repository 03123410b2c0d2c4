"""The Slicer that the panel's tests run in."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest
import slicer

from host import slicer_host as host_module

MODULE = """
    import qt
    import slicer
    from slicer.i18n import tr as _
    from slicer.ScriptedLoadableModule import *
    from slicer.util import VTKObservationMixin

    class Trial(ScriptedLoadableModule):
        def __init__(self, parent):
            ScriptedLoadableModule.__init__(self, parent)
            self.parent.title = _("Trial")
            slicer.app.connect("startupCompleted()", self.register)

        def register(self):
            self.registered = True

    class TrialWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
        def __init__(self, parent=None):
            ScriptedLoadableModuleWidget.__init__(self, parent)
            VTKObservationMixin.__init__(self)
            self.called = []

        def setup(self):
            ScriptedLoadableModuleWidget.setup(self)
            self.logic = TrialLogic()
            self.label = qt.QLabel(self.resourcePath("UI/Trial.ui"))
            self.layout.addWidget(self.label)
            self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
            self.called.append("setup")

        def enter(self):
            self.called.append("enter")

        def exit(self):
            self.called.append("exit")

        def cleanup(self):
            self.removeObservers()
            self.called.append("cleanup")

        def onSceneStartClose(self, caller, event):
            self.called.append("close")

    class TrialLogic(ScriptedLoadableModuleLogic):
        pass

    class TrialTest(ScriptedLoadableModuleTest):
        def runTest(self):
            self.delayDisplay("Testing")
            slicer.app.tested = True
"""


@pytest.fixture
def trial(monkeypatch, tmp_path):
    """A scripted module in a repository of its own."""
    (tmp_path / "Trial").mkdir()
    (tmp_path / "Trial" / "Trial.py").write_text(dedent(MODULE))
    monkeypatch.setattr(host_module, "REPOSITORY", tmp_path)
    monkeypatch.setattr(host_module, "PRODUCT", ("Trial",))


@pytest.mark.usefixtures("trial")
class TestModule:
    def test_is_set_up_in_a_window_and_entered(self, load_module, slicer_host):
        loaded = load_module("Trial")
        assert loaded.widget.called == ["setup", "enter"]
        assert loaded.window is slicer_host.main_window
        assert loaded.window.visible
        assert loaded.widget.label.visible
        assert loaded.widget.parent.mrmlScene() is slicer.mrmlScene

    def test_is_found_where_slicer_keeps_it(self, load_module, tmp_path):
        loaded = load_module("Trial", entered=False)
        assert slicer.modules.trial.title == "Trial"
        assert slicer.modules.TrialInstance.registered
        assert slicer.modules.TrialWidget is loaded.widget
        assert loaded.widget.label.text == str(tmp_path / "Trial" / "Resources" / "UI" / "Trial.ui")

    def test_is_left_when_the_user_switches_to_another(self, load_module, slicer_host, tmp_path):
        text = (tmp_path / "Trial" / "Trial.py").read_text()
        (tmp_path / "Other").mkdir()
        (tmp_path / "Other" / "Other.py").write_text(text.replace("Trial", "Other"))
        trial, other = load_module("Trial"), load_module("Other")
        assert trial.widget.called == ["setup", "enter", "exit"]
        assert not trial.widget.label.visible
        slicer.util.selectModule("Trial")
        assert (trial.widget.called[-1], other.widget.called[-1]) == ("enter", "exit")
        assert trial.widget.label.visible
        assert slicer.util.getModuleLogic("Other") is other.widget.logic

    def test_has_one_parameter_node_in_the_scene(self, load_module, slicer_host):
        logic = load_module("Trial").widget.logic
        node = logic.getParameterNode()
        assert node.GetAttribute("ModuleName") == "Trial"
        slicer_host.parts.close()
        assert logic.getParameterNode() is node
        assert node.GetAttribute("ModuleName") == "Trial"

    def test_hears_the_scene_until_it_is_closed(self, load_module, slicer_host):
        loaded = load_module("Trial")
        slicer_host.parts.close()
        slicer_host.close_module(loaded)
        slicer_host.parts.close()
        assert loaded.widget.called == ["setup", "enter", "close", "exit", "cleanup"]

    def test_runs_its_self_test(self, load_module):
        load_module("Trial")
        slicer.selfTests["Trial"]()
        assert slicer.app.tested

    def test_can_be_used_without_a_main_window(self, load_module):
        loaded = load_module("Trial", main_window=False)
        assert slicer.util.mainWindow() is None
        assert slicer.app.layoutManager() is None
        assert loaded.window.visible

    def test_an_attribute_that_a_widget_lacks_is_reported(self, load_module, slicer_host):
        loaded = load_module("Trial")
        loaded.widget.label.tooltip = "Volume"
        slicer_host.close_module(loaded)
        assert slicer_host.complaints() == ["A QLabel has no attribute tooltip"]
        slicer_host.left_behind.clear()

    def test_an_error_on_leaving_is_reported_and_the_module_closed(self, load_module, slicer_host):
        loaded = load_module("Trial")
        loaded.widget.exit = lambda: 1 / 0
        slicer_host.close_module(loaded)
        assert loaded.widget.called[-1] == "cleanup"
        assert slicer_host.complaints() == ["ZeroDivisionError left a slot: division by zero"]
        slicer_host.errors.clear()

    def test_a_process_that_does_not_end_is_reported(self, load_module, slicer_host, monkeypatch, spin):
        import qt

        monkeypatch.setattr("host.process.PATIENCE_MS", 100)
        process = qt.QProcess()
        process.start(sys.executable, ["-c", "input()"])
        spin(lambda: process.state() == qt.QProcess.Running)
        slicer_host.close_module(load_module("Trial"))
        assert process.state() == qt.QProcess.NotRunning
        (complaint,) = slicer_host.complaints()
        assert complaint.startswith("This process did not end:")
        slicer_host.left_behind.clear()


def test_everything_is_gone_afterwards(tmp_path):
    names = ("qt", "ctk", "slicer.i18n", "slicer.parameterNodeWrapper", "SampleData", "PyTorchUtils", "CTDenoisePanel")
    with pytest.MonkeyPatch.context() as patch, host_module.new_slicer_host(patch, tmp_path):
        import CTDenoisePanel  # noqa: F401

        assert all(name in sys.modules for name in names)
        assert slicer.app.applicationName == "Slicer"
    assert not any(name in sys.modules for name in names)
    assert not hasattr(slicer, "app")
    assert not hasattr(slicer, "mrmlScene")


def test_errors_in_slots_and_observers_are_reported(slicer_host, spin):
    import qt

    def fail(*_):
        raise LookupError("no such volume")

    button = qt.QPushButton()
    button.clicked.connect(fail)
    button.click()
    qt.QTimer.singleShot(0, fail)
    spin(seconds=0.05)
    slicer.mrmlScene.AddObserver(slicer.mrmlScene.StartCloseEvent, fail)
    slicer_host.parts.close()
    assert slicer_host.complaints() == ["LookupError left a slot: no such volume"] * 3
    slicer_host.errors.clear()


def test_layout_manager_shows_and_changes_the_layout(slicer_host):
    manager = slicer.app.layoutManager()
    assert set(manager.sliceViewNames()) == {"Red", "Yellow", "Green"}
    assert manager.sliceWidget("Red").mrmlSliceNode().GetName() == "Red"
    manager.layout = slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
    assert slicer_host.parts.layout_node.GetViewArrangement() == manager.layout


def test_settings_are_kept_apart_from_the_users(slicer_host):
    import qt

    slicer.app.userSettings().setValue("CTDenoise/Device", "cpu")
    assert slicer.util.settingsValue("CTDenoise/Device", "auto") == "cpu"
    assert qt.QSettings().fileName().startswith(slicer.app.temporaryPath)


def test_processes_are_real(slicer_host, spin):
    import qt

    process = qt.QProcess()
    ends = []
    process.finished.connect(lambda *arguments: ends.append(arguments[0]))
    process.start(sys.executable, ["-c", "print(input()); raise SystemExit(3)"])
    process.write(b"hello\n")
    spin(lambda: ends)
    assert bytes(process.readAllStandardOutput().data()).strip() == b"hello"
    assert ends == [3]


def test_spinning_runs_timers_and_ends_at_once(slicer_host, spin):
    import qt

    ticks = []
    timer = qt.QTimer()
    timer.setInterval(1)
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start()
    spin(lambda: len(ticks) > 3)
    with pytest.raises(pytest.fail.Exception, match=r"within 0\.05 s"):
        spin(lambda: False, timeout=0.05)
    with pytest.raises(ZeroDivisionError):
        spin(lambda: 1 / 0)


def test_picture_of_a_widget_is_written(slicer_host, grab, tmp_path):
    import qt

    label = qt.QLabel("Research use only.")
    picture = qt.QImage(str(grab(label, tmp_path / "label.png")))
    assert picture.width() >= label.sizeHint.width()


def test_sample_data_are_registered_with_a_checksum_for_each_file(slicer_host):
    import SampleData

    register = SampleData.SampleDataLogic.registerCustomSampleDataSource
    register(
        category="CT Denoise", sampleName="Chest", uris="https://a/b.nrrd", fileNames="b.nrrd", checksums="SHA256:0"
    )
    assert slicer_host.sample_data.sources[0]["sampleName"] == "Chest"
    with pytest.raises(ValueError, match="fileNames"):
        register(sampleName="Chest", uris=["https://a/b.nrrd", "https://a/c.nrrd"], fileNames=["b.nrrd"])
