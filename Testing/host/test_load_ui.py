"""Panels from `.ui` files."""

from __future__ import annotations

import pytest
import slicer

UI = """<?xml version="1.0" encoding="UTF-8"?>
<ui version="4.0">
 <class>Panel</class>
 <widget class="qMRMLWidget" name="Panel">
  <layout class="QVBoxLayout" name="layout">
   <item>
    <widget class="ctkCollapsibleButton" name="section">
     <property name="text"><string>Input</string></property>
     <layout class="QFormLayout" name="sectionLayout">
      <item row="0" column="0"><widget class="QLabel" name="label"><property name="text"><string>Volume:</string></property></widget></item>
      <item row="0" column="1">
       <widget class="qMRMLNodeComboBox" name="selector">
        <property name="nodeTypes"><stringlist><string>vtkMRMLScalarVolumeNode</string></stringlist></property>
        <property name="noneEnabled"><bool>true</bool></property>
        <property name="SlicerParameterName" stdset="0"><string notr="true">volume</string></property>
       </widget>
      </item>
      <item row="1" column="1">
       <widget class="ctkSliderWidget" name="slider">
        <property name="decimals"><number>0</number></property>
        <property name="singleStep"><double>5.0</double></property>
        <property name="maximum"><double>100.0</double></property>
        <property name="value"><double>40.0</double></property>
        <property name="suffix"><string> %</string></property>
        <property name="tracking"><bool>false</bool></property>
       </widget>
      </item>
     </layout>
    </widget>
   </item>
   <item><widget class="QCheckBox" name="foldButton"/></item>
   <item><widget class="{other}" name="other"/></item>
  </layout>
 </widget>
 <customwidgets>
  <customwidget><class>qMRMLWidget</class><extends>QWidget</extends><header>qMRMLWidget.h</header><container>1</container></customwidget>
  <customwidget><class>qMRMLNodeComboBox</class><extends>QWidget</extends><header>qMRMLNodeComboBox.h</header></customwidget>
  <customwidget><class>ctkCollapsibleButton</class><extends>QWidget</extends><header>ctkCollapsibleButton.h</header><container>1</container></customwidget>
  <customwidget><class>ctkSliderWidget</class><extends>QWidget</extends><header>ctkSliderWidget.h</header></customwidget>
 </customwidgets>
 <connections>
  <connection>
   <sender>Panel</sender><signal>mrmlSceneChanged(vtkMRMLScene*)</signal>
   <receiver>selector</receiver><slot>setMRMLScene(vtkMRMLScene*)</slot>
  </connection>
  <connection>
   <sender>foldButton</sender><signal>toggled(bool)</signal><receiver>section</receiver><slot>setCollapsed(bool)</slot>
  </connection>
 </connections>
</ui>
"""  # noqa: E501


@pytest.fixture
def load(slicer_host, tmp_path):
    def load_ui(other: str = "QLabel"):
        path = tmp_path / "panel.ui"
        path.write_text(UI.format(other=other))
        widget = slicer.util.loadUI(str(path))
        return widget, slicer.util.childWidgetVariables(widget)

    return load_ui


def test_slicers_own_widgets_are_made_with_their_properties(load):
    _, ui = load()
    assert type(ui.selector) is slicer.qMRMLNodeComboBox
    assert ui.selector.nodeTypes == ["vtkMRMLScalarVolumeNode"]
    assert ui.selector.noneEnabled
    assert ui.selector.property("SlicerParameterName") == "volume"
    assert (ui.slider.value, ui.slider.maximum, ui.slider.suffix, ui.slider.tracking) == (40.0, 100.0, " %", False)
    assert ui.section.text == "Input"


def test_connections_hand_the_scene_on(load, slicer_host):
    widget, ui = load()
    assert ui.selector.mrmlScene() is None
    widget.setMRMLScene(slicer_host.parts.scene)
    assert ui.selector.mrmlScene() is slicer_host.parts.scene


def test_connections_between_ordinary_widgets_work_too(load):
    _, ui = load()
    ui.foldButton.click()
    assert ui.section.collapsed


def test_closing_a_section_folds_its_contents_away(load):
    widget, ui = load()
    widget.show()
    height = widget.sizeHint.height()
    ui.section.collapsed = True
    assert widget.sizeHint.height() < height
    ui.section.collapsed = False
    assert widget.sizeHint.height() == height


def test_section_tells_when_it_is_closed(load):
    _, ui = load()
    heard = []
    ui.section.contentsCollapsed.connect(lambda *arguments: heard.append(arguments))
    ui.section.click()
    assert heard == [(True,)]


def test_a_widget_without_stand_in_is_refused_by_name(load):
    with pytest.raises(RuntimeError, match="ctkRangeWidget"):
        load("ctkRangeWidget")


def test_a_missing_file_is_refused(slicer_host, tmp_path):
    with pytest.raises(RuntimeError, match="file not found"):
        slicer.util.loadUI(str(tmp_path / "none.ui"))
