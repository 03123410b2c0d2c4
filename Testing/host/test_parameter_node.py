"""Parameter nodes with typed attributes."""

from enum import Enum
from types import SimpleNamespace
from typing import Annotated

import numpy as np
import pytest
import slicer
import vtk


class Precision(Enum):
    AUTO = "auto"
    FULL = "float32"

    def label(self) -> str:
        return {"AUTO": "Automatic", "FULL": "Full"}[self.name]


@pytest.fixture
def parameters(slicer_host):
    from slicer.parameterNodeWrapper import Choice, Default, WithinRange, parameterNodeWrapper

    @parameterNodeWrapper
    class Parameters:
        volume: slicer.vtkMRMLScalarVolumeNode
        strength: Annotated[float, WithinRange(0, 100)] = 100.0
        sections: Annotated[int, Default(5), WithinRange(1, 99)]
        precision: Precision
        scope: Annotated[str, Choice(["all", "slab"])] = "all"
        model: str
        plot: bool

        def describe(self) -> str:
            return f"{self.model} at {self.strength} %"

    return Parameters(slicer_host.parts.scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))


@pytest.fixture
def volume(slicer_host):
    return slicer_host.parts.add_volume(np.zeros((1, 2, 2), np.int16), name="Br56")


def test_unset_parameters_have_their_defaults(parameters):
    assert parameters.volume is None
    assert parameters.strength == 100.0
    assert parameters.sections == 5
    assert parameters.precision is Precision.AUTO
    assert (parameters.scope, parameters.model, parameters.plot) == ("all", "", False)
    assert parameters.describe() == " at 100.0 %"


def test_values_are_written_as_slicer_writes_them(parameters, volume):
    parameters.volume, parameters.strength, parameters.precision, parameters.plot = volume, 62.5, Precision.FULL, True
    node = parameters.parameterNode
    assert node.GetNodeReferenceID("volume") == volume.GetID()
    assert node.GetParameter("strength") == "62.5"
    assert node.GetParameter("precision") == "FULL"
    assert node.GetParameter("plot") == "True"


def test_a_second_wrapper_finds_the_values_of_the_node(parameters, volume):
    parameters.volume, parameters.sections = volume, 7
    again = type(parameters)(parameters.parameterNode)
    assert again.volume is volume
    assert again.sections == 7


def test_values_survive_saving_the_scene(parameters, slicer_host, volume, tmp_path):
    parameters.parameterNode.SetSingletonTag("CTDenoise")
    parameters.volume, parameters.precision, parameters.strength = volume, Precision.FULL, 40.0
    slicer_host.parts.save(tmp_path / "scene.mrb")
    parameters.strength = 10.0
    slicer_host.parts.open(tmp_path / "scene.mrb")
    again = type(parameters)(slicer_host.parts.scene.GetSingletonNode("CTDenoise", "vtkMRMLScriptedModuleNode"))
    assert (again.volume.GetName(), again.precision, again.strength) == ("Br56", Precision.FULL, 40.0)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("strength", 101.0, ValueError),
        ("sections", 0, ValueError),
        ("sections", 2.5, TypeError),
        ("scope", "half", ValueError),
        ("model", None, ValueError),
        ("precision", "FULL", TypeError),
        ("plot", 1, TypeError),
    ],
)
def test_values_that_are_not_allowed_are_refused(parameters, name, value, error):
    before = getattr(parameters, name)
    with pytest.raises(error):
        setattr(parameters, name, value)
    assert getattr(parameters, name) == before


def test_a_node_of_another_class_is_refused(parameters, slicer_host):
    with pytest.raises(TypeError):
        parameters.volume = slicer_host.parts.scene.AddNewNodeByClass("vtkMRMLTableNode")


def test_changes_are_told_once_and_with_the_new_value(parameters):
    heard = []
    parameters.AddObserver(
        vtk.vtkCommand.ModifiedEvent, lambda *_: heard.append((parameters.strength, parameters.plot))
    )
    parameters.strength = 50.0
    with slicer.util.NodeModify(parameters):
        parameters.strength = 25.0
        parameters.plot = True
    assert heard == [(50.0, False), (25.0, True)]


def test_a_deleted_node_is_no_longer_referenced(parameters, slicer_host, volume):
    parameters.volume = volume
    slicer_host.parts.scene.RemoveNode(volume)
    assert parameters.volume is None


def test_closing_the_scene_brings_the_defaults_back(parameters, slicer_host, volume):
    parameters.parameterNode.SetSingletonTag("CTDenoise")
    parameters.volume, parameters.strength = volume, 30.0
    slicer_host.parts.close()
    assert (parameters.volume, parameters.strength) == (None, 100.0)


class TestPanel:
    """Widgets bound to the parameters by the dynamic property SlicerParameterName."""

    @pytest.fixture
    def panel(self, parameters, slicer_host):
        import ctk
        import qt

        widgets = {
            "volume": slicer.qMRMLNodeComboBox(),
            "strength": ctk.ctkSliderWidget(),
            "sections": qt.QSpinBox(),
            "precision": qt.QComboBox(),
            "scope": qt.QComboBox(),
            "model": qt.QLineEdit(),
            "plot": qt.QCheckBox(),
        }
        for name, widget in widgets.items():
            widget.setProperty("SlicerParameterName", name)
        widgets["volume"].setMRMLScene(slicer_host.parts.scene)
        panel = SimpleNamespace(**widgets)
        panel.gui = parameters.connectGui(SimpleNamespace(**widgets))
        return panel

    def test_shows_the_values(self, panel, parameters, volume):
        parameters.strength, parameters.scope, parameters.precision, parameters.plot = (
            55.0,
            "slab",
            Precision.FULL,
            True,
        )
        parameters.volume, parameters.sections, parameters.model = volume, 9, "hrcnn"
        assert panel.volume.currentNode() is volume
        assert (panel.strength.value, panel.sections.value) == (55.0, 9)
        assert (panel.scope.currentText, panel.precision.currentText) == ("slab", "Full")
        assert (panel.model.text, panel.plot.checked) == ("hrcnn", True)

    def test_takes_ranges_and_choices_from_the_annotations(self, panel):
        assert (panel.strength.minimum, panel.strength.maximum) == (0, 100)
        assert (panel.sections.minimum, panel.sections.maximum) == (1, 99)
        assert [panel.precision.itemText(row) for row in range(panel.precision.count)] == ["Automatic", "Full"]
        assert panel.volume.nodeTypes == ["vtkMRMLScalarVolumeNode"]

    def test_passes_on_what_the_user_changes(self, panel, parameters, volume):
        panel.volume.setCurrentNode(volume)
        panel.strength.value = 80
        panel.sections.value = 3
        panel.precision.currentIndex = 1
        panel.scope.currentText = "slab"
        panel.model.text = "unet"
        panel.plot.click()
        assert parameters.volume is volume
        assert (parameters.strength, parameters.sections, parameters.precision) == (80.0, 3, Precision.FULL)
        assert (parameters.scope, parameters.model, parameters.plot) == ("slab", "unet", True)

    def test_hears_and_tells_nothing_once_disconnected(self, panel, parameters):
        parameters.disconnectGui(panel.gui)
        panel.strength.value = 80
        parameters.sections = 11
        assert parameters.strength == 100.0
        assert panel.sections.value == 5

    def test_tools_of_other_classes_are_refused_as_in_slicer(self, panel, parameters):
        import qt

        with pytest.raises(RuntimeError, match="QToolButton"):
            parameters.connectParametersToGui({"plot": qt.QToolButton()})
        with pytest.raises(ValueError, match="no parameter kernel"):
            parameters.connectParametersToGui({"kernel": qt.QLineEdit()})
