"""A user draws ROIs or has them placed: HU and noise in all volumes that are compared."""

from __future__ import annotations

import pytest
import slicer

CORNERS = ((-12.0, -24.0, 4.0), (-22.0, -14.0, 4.0))
BONE = ((-2.0, -18.0, 4.0), (-4.0, -14.0, 4.0))
NAMES = ["Input: Qr89", "Smooth: Br56"]


def number(text):
    return float(text.replace("\N{MINUS SIGN}", "-"))


@pytest.mark.parametrize("button", ["boxButton", "ellipsoidButton", "cylinderButton"])
def test_a_roi_is_measured_in_all_volumes(panel, pair, button):
    roi = panel.draw(button, *CORNERS)
    smooth, sharp = (panel.column(f"{view}: SD")[roi.GetName()] for view in ("Smooth", "Input"))
    assert number(smooth) < 10
    assert number(sharp) > 30
    assert sorted(panel.curves) == NAMES  # of the histogram


def test_a_closed_curve_is_measured(panel, pair):
    (left, back, z), (right, front, _) = CORNERS
    roi = panel.draw("closedCurveButton", (left, back, z), (right, back, z), (right, front, z), (left, front, z))
    assert roi.GetName() in panel.column("Input", "SD")


def test_contrast_is_taken_against_the_background_that_the_user_chooses(panel, pair):
    tissue, bone = panel.draw("boxButton", *CORNERS), panel.draw("boxButton", *BONE)
    menu = panel.ui.backgroundSelector
    assert [menu.itemText(row) for row in range(menu.count)] == ["None", tissue.GetName(), bone.GetName()]
    menu.setCurrentIndex(1)
    panel.spin(lambda: any("CNR" in heading for heading in panel.table[0]))
    assert number(panel.column("Input", "CNR")[bone.GetName()]) > 5
    slicer.mrmlScene.RemoveNode(tissue)
    panel.spin(lambda: menu.count == 2)
    assert menu.currentText == "None"


def test_charts_are_taken_of_the_rois_that_are_ticked(panel, pair):
    import qt

    assert not panel.ui.roiList.isVisible()
    for corners in (CORNERS, BONE, CORNERS):
        panel.draw("boxButton", *corners)
    items = [panel.ui.roiList.item(row) for row in range(panel.ui.roiList.count)]
    assert [item.text() for item in items] == ["ROI 1", "ROI 2", "ROI 3"]
    items[0].setCheckState(qt.Qt.Checked)
    panel.spin(lambda: panel.chart.GetTitle().endswith("ROI 1"))
    panel.ui.roiList.item(1).setCheckState(qt.Qt.Checked)
    panel.spin(lambda: panel.chart.GetTitle().endswith("ROI 1, ROI 2"))


def test_rois_are_placed_by_themselves(panel):
    panel.open(input_volume=panel.add_ct(side=160, noise_hu=20.0))
    panel.ui.uniformRoisButton.click()
    panel.spin(seconds=0.2)
    assert len(panel.table) == 1 + 5
    assert panel.roi_problem == ""


def test_a_roi_outside_the_volume_is_a_problem_by_its_name(panel, pair):
    roi = panel.draw("boxButton", (200.0, 200.0, 4.0), (210.0, 210.0, 4.0))
    assert roi.GetName() in panel.roi_problem


def test_a_volume_of_another_grid_is_measured_when_that_is_asked_for(panel):
    fine, coarse = panel.add_ct(side=96, spacing=(1.0, 0.35, 0.35), name="Fine"), panel.add_ct(name="Coarse")
    panel.open(input_volume=fine, smooth_volume=coarse)
    roi = panel.draw("boxButton", *CORNERS)
    assert "Coarse" in panel.roi_problem
    panel.ui.resampleCheckBox.click()
    panel.spin(lambda: panel.roi_problem == "")
    assert number(panel.column("Smooth", "SD")[roi.GetName()]) > 0


def test_another_roi_leaves_the_chart_of_rois_that_is_shown(panel, pair):
    panel.draw("boxButton", *CORNERS)
    assert panel.parameters.chart.name == "HISTOGRAM"
    panel.ui.chartSelector.setCurrentIndex(2)
    panel.draw("boxButton", *CORNERS)
    assert panel.parameters.chart.name == "NPS"
