"""Slicer's dialect of Qt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("slicer_host")

TESTING = Path(__file__).resolve().parents[1]
PRODUCT_CODE = """
import qt

def wrapped_text(text):
    label = qt.QLabel(text)
    label.wordWrap = True
    return label.text, label.wordWrap
"""


@pytest.fixture
def button():
    import qt

    return qt.QPushButton("Apply")


def test_properties_are_attributes(button):
    button.text = "Cancel"
    button.enabled = False
    assert (button.text, button.enabled, button.visible, button.objectName) == ("Cancel", False, False, "")
    with pytest.raises(TypeError):
        button.text()


def test_setters_and_is_enabled_stay_methods(button):
    button.setText("Cancel")
    button.setEnabled(False)
    button.setToolTip("No volume is selected")
    assert button.text == "Cancel"
    assert not button.isEnabled()
    assert "No volume is selected" in button.toolTip


def test_tooltip_reads_back_as_rich_text(button):
    button.toolTip = "No volume is selected"
    assert button.toolTip == "<p>No volume is selected</p>"
    button.toolTip = "<b>No</b> volume is selected"
    assert button.toolTip == "<b>No</b> volume is selected"
    button.toolTip = ""
    assert button.toolTip == ""


def test_name_is_short_for_object_name(button):
    button.objectName = "applyButton"
    assert button.name == "applyButton"
    button.name = "cancelButton"
    assert button.objectName == "cancelButton"


def test_clicked_tells_whether_the_button_is_down_until_disconnected(button):
    heard = []

    def hear(*arguments):
        heard.append(arguments)

    button.clicked.connect(hear)
    button.click()
    button.checkable = True
    button.click()
    button.clicked.disconnect(hear)
    button.click()
    assert heard == [(False,), (True,)]


def test_functions_of_slicer_util_speak_it(button):
    import qt
    import slicer

    parent = qt.QWidget()
    button.setParent(parent)
    button.objectName = "applyButton"
    assert slicer.util.childWidgetVariables(parent).applyButton is button
    assert slicer.util.findChild(parent, "applyButton") is button


def test_modules_of_the_product_speak_it_without_asking(monkeypatch, tmp_path):
    package = tmp_path / "CTDenoisePanel"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "labels.py").write_text(PRODUCT_CODE)
    monkeypatch.syspath_prepend(tmp_path)
    from CTDenoisePanel.labels import wrapped_text

    assert wrapped_text("Research use only.") == ("Research use only.", True)


def test_loaded_modules_that_cannot_be_inspected_do_not_matter():
    program = f"""
import sys, types
class Namespace(types.ModuleType):  # as torch.classes is
    __file__ = "namespace.py"
    def __getattr__(self, name):
        raise RuntimeError(name)
sys.modules["namespace"] = Namespace("namespace")
sys.path.insert(0, {str(TESTING)!r})
from host.dialect import speak_slicers_dialect
speak_slicers_dialect()
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_many_calls_that_return_nothing_do_not_end_python(button):
    for _ in range(300_000):
        button.setText("Apply")
    assert sys.getrefcount(None) > 1000


def test_other_modules_keep_plain_qt(monkeypatch, tmp_path):
    (tmp_path / "another_program.py").write_text(
        "import PySide6\n" + PRODUCT_CODE.replace("label.text", "label.text()")
    )
    monkeypatch.syspath_prepend(tmp_path)
    from another_program import wrapped_text

    assert wrapped_text("Research use only.")[0] == "Research use only."
