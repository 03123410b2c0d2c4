"""What the panel says of time and memory before a run, and how it follows what the user chooses."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_earlier_run(tmp_path, monkeypatch):
    """No other test has run the model on this machine."""
    monkeypatch.setenv("CTDENOISE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def line(panel):
    """The line above the button, once the panel is ready and says something; empty while it is hidden."""

    def text():
        label = panel.ui.expectedLabel
        return str(label.text) if label.isVisible() else ""

    return text


def open_with_line(panel, line, **ct):
    panel.add_ct(**ct)
    panel.open()
    panel.wait_until_ready()
    panel.spin(line)


def test_the_time_of_a_run_is_told_as_soon_as_the_model_is_loaded(panel, line):
    panel.add_ct()
    panel.open()
    assert panel.client.loaded is None
    assert line() == ""
    panel.wait_until_ready()
    panel.spin(line)
    assert line().startswith("About 1 s for 9 slices on cpu (")
    assert line().endswith("GB of memory at most.")


def test_what_is_told_follows_what_the_user_chooses(panel, line):
    open_with_line(panel, line)
    panel.ui.scopeSelector.setCurrentIndex(1)
    panel.ui.slabSpinBox.setValue(3)
    panel.spin(lambda: "for 3 slices" in line())
    panel.ui.slabSpinBox.setValue(99)
    panel.spin(lambda: "for 9 slices" in line())
    panel.set(input_volume=panel.add_ct(sections=5, side=64))
    panel.spin(lambda: "for 5 slices" in line())
    panel.set(input_volume=None)
    panel.spin(lambda: line() == "")


def test_after_a_run_the_next_is_told_by_it(panel, line):
    open_with_line(panel, line)
    panel.apply()
    assert line() == ""
    panel.wait_until_ended()
    panel.spin(lambda: "as in your last run" in line())


def test_without_its_worker_the_panel_tells_nothing_new(panel, line):
    open_with_line(panel, line)
    panel.kill_worker()
    panel.spin(lambda: panel.client.loaded is None)
    panel.set(input_volume=panel.add_ct(sections=5))
    panel.spin(lambda: line() == "")
