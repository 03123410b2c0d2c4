from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from CTDenoiseScene.comparison import Comparison
from CTDenoiseScene.layout_description import description, register_layouts

LAYOUTS = [(comparison, plot) for comparison in Comparison for plot in (False, True)]


def views(text):
    return [(view.get("class"), view.get("singletontag")) for view in ET.fromstring(text).iter("view")]


@pytest.mark.parametrize(("comparison", "plot"), LAYOUTS)
def test_a_layout_has_a_view_for_each_role_and_plot_and_table_last(comparison, plot):
    tags = [tag for _, tag in views(description(comparison, plot=plot))]
    assert tags == [role.tag for role in comparison.roles] + ["CTDenoisePlot", "CTDenoiseTable"] * plot


def test_no_view_is_named_like_a_view_of_slicer():
    tags = {tag for layout in LAYOUTS for _, tag in views(description(layout[0], plot=layout[1]))}
    # Slicer treats views whose names start with "Compare" in its own way.
    assert not [tag for tag in tags if tag.startswith("Compare") or tag in ("Red", "Green", "Yellow", "1")]


def test_registering_twice_changes_nothing(slicer_scene):
    node = slicer_scene.layout_node
    ids = register_layouts(node)
    known = node.GetLayoutIndices()
    assert register_layouts(node) == ids
    assert node.GetLayoutIndices() == known
    assert sorted(ids.values(), key=LAYOUTS.index) == LAYOUTS
    assert all(number > 100 for number in ids), "Slicer keeps the numbers up to 100 for itself."


def test_a_layout_of_another_module_is_not_overwritten(slicer_scene):
    node = slicer_scene.layout_node
    taken = min(register_layouts(node)) + 2
    node.SetLayoutDescription(taken, "")
    foreign = '<layout type="horizontal"><item><view class="vtkMRMLSliceNode" singletontag="Theirs"/></item></layout>'
    node.AddLayoutDescription(taken, foreign)
    ids = register_layouts(node)
    assert taken not in ids
    assert node.GetLayoutDescription(taken) == foreign
    for number, (comparison, plot) in ids.items():
        assert node.GetLayoutDescription(number) == description(comparison, plot=plot)


def test_slicer_accepts_each_layout(slicer_scene):
    node = slicer_scene.layout_node
    for number, (comparison, plot) in register_layouts(node).items():
        node.SetViewArrangement(number)
        assert slicer_scene.layout_logic.GetViewNodes().GetNumberOfItems() == len(comparison.roles) + 2 * plot
