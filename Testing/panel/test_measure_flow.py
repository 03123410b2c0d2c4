"""A user measures while he compares, denoises, leaves the comparison, and saves the scene."""

from __future__ import annotations

import numpy as np

from support.slicer_scene import FOUR_UP

ACROSS = ((-33.0, -16.0, 4.0), (0.0, -16.0, 4.0))
CORNERS = ((-12.0, -24.0, 4.0), (-22.0, -14.0, 4.0))


def layout(panel):
    return panel.host.parts.layout_node.GetViewArrangement()


def test_the_buttons_say_what_they_need(panel):
    panel.open()
    for control in ("newLineButton", "boxButton", "uniformRoisButton", "lineSelector", "backgroundSelector"):
        assert "Choose a CT volume first" in panel.why(control)
    for control in ("copyTableButton", "saveMeasurementsButton"):
        assert "draw a line first" in panel.why(control)


def test_drawing_a_line_opens_the_comparison_with_chart_and_table_before_the_first_click(panel, pair):
    panel.ui.newLineButton.click()
    with_row = layout(panel)
    panel.settle()
    assert layout(panel) == with_row  # nothing moves any more below the user's mouse
    assert panel.ui.smoothSharpDenoisedButton.checked
    assert panel.ui.plotCheckBox.checked
    assert panel.profile_problem == ""


def test_the_menu_changes_chart_and_table(panel):
    panel.open(input_volume=panel.add_ct(side=128))
    large = ((-25.0, -65.0, 4.0), (-65.0, -25.0, 4.0))
    roi = panel.draw("boxButton", *large)
    panel.draw("newLineButton", *ACROSS)
    assert panel.parameters.chart.name == "PROFILE"
    titles = [panel.chart.GetYAxisTitle()]
    for row, name in ((1, "HISTOGRAM"), (2, "NPS")):
        panel.ui.chartSelector.setCurrentIndex(row)
        panel.settle()
        assert panel.parameters.chart.name == name
        assert panel.table[1][0] == roi.GetName()
        titles.append(panel.chart.GetYAxisTitle())
    assert [title.split()[0] for title in titles] == ["HU", "Voxels", "NPS"]


def test_measurements_outlive_the_comparison(panel, pair):
    panel.draw("newLineButton", *ACROSS)
    before = panel.table
    panel.ui.leaveButton.click()
    panel.settle()
    assert layout(panel) == FOUR_UP
    assert panel.ui.lineSelector.currentNode() is not None
    assert panel.why("copyTableButton") == ""
    panel.ui.twoByTwoButton.click()
    panel.settle()
    assert panel.table == before


def test_the_row_for_chart_and_table_stays_away_when_the_user_wants_none(panel, pair):
    line = panel.draw("newLineButton", *ACROSS)
    panel.ui.plotCheckBox.click()
    panel.settle()
    line.SetNthControlPointPositionWorld(1, -10.0, -16.0, 4.0)
    panel.settle()
    assert panel.chart is None
    assert not panel.ui.plotCheckBox.checked


def test_measuring_a_denoised_volume_shows_it_beside_its_input(panel):
    panel.denoise()
    panel.ui.leaveButton.click()
    panel.settle()
    panel.draw("newLineButton", *ACROSS)
    assert panel.ui.inputOutputDifferenceButton.checked
    assert len(panel.curves) == 2


def test_a_new_strength_is_measured_at_once(panel):
    panel.denoise()
    roi = panel.draw("boxButton", *CORNERS)
    before = panel.column("Denoised: SD")[roi.GetName()]
    panel.ui.strengthSlider.setValue(0)
    panel.spin(lambda: panel.column("Denoised: SD")[roi.GetName()] != before)


def test_without_a_main_window_rois_are_placed_and_copied_and_drawing_says_why_not(panel):
    import qt

    panel.open(main_window=False, input_volume=panel.add_ct(side=160))
    for control in ("newLineButton", "newCurveButton", "boxButton", "closedCurveButton"):
        assert "without slice views" in panel.why(control)
    panel.ui.uniformRoisButton.click()
    panel.spin(lambda: panel.ui.copyTableButton.enabled)
    panel.ui.copyTableButton.click()
    assert len(qt.QApplication.clipboard().text().splitlines()) == 1 + 5


def test_a_closed_scene_leaves_nothing_measured(panel, pair):
    panel.draw("newLineButton", *ACROSS)
    panel.draw("boxButton", *CORNERS)
    panel.host.parts.close()
    panel.settle()
    assert panel.ui.lineSelector.currentNode() is None
    assert panel.ui.backgroundSelector.count == 1
    assert panel.profile_problem == panel.roi_problem == ""
    panel.add_ct()
    panel.settle()
    panel.draw("newLineButton", *ACROSS)
    assert len(panel.curves) == 1


def test_measurements_are_saved_with_the_scene(panel, pair, tmp_path):
    panel.draw("newLineButton", *ACROSS)
    panel.draw("boxButton", *CORNERS)
    panel.set(profile_width=3.0, resample=True, chart=type(panel.parameters.chart).NPS)
    panel.ui.interpolationSelector.setCurrentIndex(1)
    panel.ui.backgroundSelector.setCurrentIndex(1)
    panel.settle()
    before = panel.table
    panel.host.parts.save(tmp_path / "exam.mrb")
    panel.host.parts.open(tmp_path / "exam.mrb")
    panel.spin(seconds=0.3)
    assert panel.ui.lineSelector.currentNode() is not None
    assert panel.ui.backgroundSelector.currentIndex == 1
    assert panel.ui.resampleCheckBox.checked
    assert (panel.ui.profileWidthSpinBox.value, panel.ui.interpolationSelector.currentIndex) == (3.0, 1)
    assert panel.parameters.chart.name == "NPS"
    assert panel.table == before


def test_dragging_does_not_bring_the_whole_panel_up_to_date(panel, pair, monkeypatch):
    line = panel.draw("newLineButton", *ACROSS)
    before, refreshed = len(next(iter(panel.curves.values()))), []
    monkeypatch.setattr(panel.loaded.widget.panel, "_refresh", lambda: refreshed.append(1))
    for x in np.linspace(0.0, -10.0, 20):
        line.SetNthControlPointPositionWorld(1, x, -16.0, 4.0)
        panel.spin(seconds=0.02)
    assert not refreshed
    assert len(next(iter(panel.curves.values()))) < before
