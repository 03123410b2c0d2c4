"""A user draws or chooses a line: its profile in all volumes that are compared."""

from __future__ import annotations

import numpy as np
import slicer

ACROSS = ((-33.0, -16.0, 4.0), (0.0, -16.0, 4.0))
NAMES = ["Input: Qr89", "Smooth: Br56"]


def add_line(name="Mine", points=ACROSS):
    """A line that the user has from elsewhere."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", name)
    for point in points:
        node.AddControlPointWorld(point)
    return node


def first_curve(panel):
    return next(iter(panel.curves.values()))


def test_a_line_is_measured_in_all_volumes(panel, pair):
    line = panel.draw("newLineButton", *ACROSS)
    assert sorted(panel.curves) == NAMES
    assert sorted(row[0] for row in panel.table[1:]) == NAMES
    assert panel.ui.lineSelector.currentNode() is line
    assert panel.profile_problem == ""


def test_the_profile_follows_the_line(panel, pair):
    line = panel.draw("newLineButton", *ACROSS)
    before = len(first_curve(panel))
    line.SetNthControlPointPositionWorld(1, -20.0, -16.0, 4.0)
    panel.spin(lambda: len(first_curve(panel)) < before)


def test_a_line_without_length_is_a_problem_until_it_has_one(panel, pair):
    line = panel.draw("newLineButton", ACROSS[0], ACROSS[0])
    assert panel.profile_problem
    line.SetNthControlPointPositionWorld(1, *ACROSS[1])
    panel.spin(lambda: panel.profile_problem == "")


def test_width_and_interpolation_are_those_of_the_panel(panel, pair):
    panel.draw("newLineButton", (-8.0, -16.0, 4.0), (-25.0, -16.0, 4.0))  # noise, and nothing else
    plain = first_curve(panel)
    panel.ui.profileWidthSpinBox.setValue(5.0)
    panel.spin(lambda: first_curve(panel).std() < 0.7 * plain.std())
    wide = first_curve(panel)
    panel.ui.interpolationSelector.setCurrentIndex(1)
    panel.spin(lambda: not np.array_equal(first_curve(panel), wide))
    assert (panel.parameters.profile_width, panel.parameters.interpolation.value) == (5.0, "cubic")


def test_a_curve_is_measured(panel, pair):
    curve = panel.draw("newCurveButton", *ACROSS, (0.0, -30.0, 4.0))
    assert curve.IsA("vtkMRMLMarkupsCurveNode")
    assert len(panel.curves) == 2


def test_a_line_from_elsewhere_can_be_chosen_and_left(panel, pair):
    mine = add_line()
    panel.pick_line(mine)
    assert panel.ui.smoothSharpDenoisedButton.checked
    assert len(panel.curves) == 2
    panel.pick_line(None)
    assert slicer.mrmlScene.IsNodePresent(mine)
    assert len(panel.table) <= 1
    assert "draw a line first" in panel.why("copyTableButton")


def test_a_line_that_is_deleted_is_not_replaced_by_another_one(panel, pair):
    other = add_line("Other")
    line = panel.draw("newLineButton", *ACROSS)
    slicer.mrmlScene.RemoveNode(line)
    panel.settle()
    assert panel.ui.lineSelector.currentNode() is None
    assert slicer.mrmlScene.IsNodePresent(other)
