"""The selector of nodes."""

from __future__ import annotations

import numpy as np
import pytest
import slicer


@pytest.fixture
def selector(slicer_host):
    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    selector.setMRMLScene(slicer_host.parts.scene)
    return selector


@pytest.fixture
def heard(selector):
    nodes = []
    selector.currentNodeChanged.connect(lambda *arguments: nodes.append(arguments))
    return nodes


def listed(selector) -> list[str]:
    return [selector.nodeFromIndex(index).GetName() for index in range(selector.nodeCount())]


@pytest.fixture
def volumes(slicer_host, selector):
    return [
        slicer_host.parts.add_volume(np.zeros((1, 2, 2), np.int16), name=name) for name in ("Br56", "Qr89", "Denoised")
    ]


def test_is_disabled_without_a_scene(selector):
    assert selector.enabled
    selector.setMRMLScene(None)
    assert not selector.enabled
    assert selector.currentNode() is None


def test_lists_nodes_but_selects_none_by_itself(selector, volumes, heard):
    assert listed(selector) == ["Br56", "Qr89", "Denoised"]
    assert selector.currentNode() is None
    assert selector.comboBox().placeholderText == "Select a Volume"
    assert heard == []


def test_selecting_is_told_with_the_node(selector, volumes, heard):
    selector.setCurrentNode(volumes[1])
    selector.setCurrentNodeID(volumes[0].GetID())
    assert selector.currentNode() is volumes[0]
    assert selector.currentNodeID == volumes[0].GetID()
    selector.setCurrentNode(None)
    assert heard == [(volumes[1],), (volumes[0],), (None,)]


def test_what_the_user_picks_is_told_apart_from_what_a_program_selects(selector, volumes):
    picked = []
    selector.noneEnabled = True
    selector.nodeActivated.connect(picked.append)
    selector.setCurrentNode(volumes[1])
    assert picked == []
    for row in (1, 0):
        selector.comboBox().setCurrentIndex(row)
        selector.comboBox().activated.emit(row)
    assert picked == [volumes[0], None]


def test_markups_of_several_classes_are_listed_without_their_children(slicer_host):
    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ["vtkMRMLMarkupsLineNode", "vtkMRMLMarkupsCurveNode"]
    selector.showChildNodeTypes = False
    selector.setMRMLScene(slicer_host.parts.scene)
    for kind in ("Line", "Curve", "ClosedCurve", "ROI"):
        slicer_host.parts.scene.AddNewNodeByClass(f"vtkMRMLMarkups{kind}Node", kind)
    assert listed(selector) == ["Line", "Curve"]


def test_none_comes_first_where_it_is_enabled(selector, volumes, heard):
    selector.noneEnabled = True
    selector.noneDisplay = "Select a CT volume"
    assert selector.comboBox().currentText == "Select a CT volume"
    assert selector.nodeCount() == 3
    selector.setCurrentNode(volumes[2])
    selector.comboBox().setCurrentIndex(0)
    assert heard == [(volumes[2],), (None,)]


def test_child_classes_are_listed_unless_that_is_switched_off(selector, slicer_host, volumes):
    labels = slicer_host.parts.scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "Labels")
    slicer_host.parts.scene.AddNewNodeByClass("vtkMRMLTableNode", "Table")
    assert listed(selector) == ["Br56", "Qr89", "Denoised", "Labels"]
    selector.setCurrentNode(labels)
    selector.showChildNodeTypes = False
    assert listed(selector) == ["Br56", "Qr89", "Denoised"]
    assert selector.currentNode() is None


def test_hidden_nodes_are_not_listed(selector, slicer_host):
    node = slicer.vtkMRMLScalarVolumeNode()
    node.SetHideFromEditors(True)
    slicer_host.parts.scene.AddNode(node)
    assert listed(selector) == []


def test_neighbour_takes_the_place_of_a_deleted_node(selector, slicer_host, volumes, heard):
    selector.noneEnabled = True
    selector.setCurrentNode(volumes[2])
    slicer_host.parts.scene.RemoveNode(volumes[2])
    assert selector.currentNode() is volumes[1]
    assert heard == [(volumes[2],), (volumes[1],)]


def test_renamed_nodes_are_shown_with_their_new_name(selector, volumes):
    selector.setCurrentNode(volumes[0])
    volumes[0].SetName("Br56 sagittal")
    assert selector.comboBox().currentText == "Br56 sagittal"


def test_closing_the_scene_leaves_nothing_selected(selector, slicer_host, volumes, heard):
    selector.setCurrentNode(volumes[0])
    slicer_host.parts.close()
    assert selector.nodeCount() == 0
    assert selector.currentNode() is None
    assert heard[-1] == (None,)


def test_an_opened_scene_is_listed(selector, slicer_host, volumes, tmp_path):
    slicer_host.parts.save(tmp_path / "scene.mrb")
    slicer_host.parts.open(tmp_path / "scene.mrb")
    assert listed(selector) == ["Br56", "Qr89", "Denoised"]
    assert selector.currentNode() is None


def test_scene_outlives_the_selector(selector, slicer_host, spin):
    selector.deleteLater()
    spin(seconds=0.01)
    slicer_host.parts.add_volume(np.zeros((1, 2, 2), np.int16))
    slicer_host.parts.close()
    assert slicer_host.errors == []
