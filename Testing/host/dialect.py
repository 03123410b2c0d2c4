"""The dialect of Qt that Slicer's Python code is written in, for modules that do not ask for it themselves.

Stands for PythonQt, which wraps Qt in Slicer: a Qt property is an attribute (`label.text = "done"`), all other methods
stay, setters and `isEnabled()` among them, `clicked` carries whether the button is down, and `name` is short for
`objectName`; a tooltip reads back as the rich text that Slicer makes of it. PySide6 has most of it as its feature
`true_property`, which is chosen per module, by name. A module asks for it by an import that Slicer does not know, so it
is chosen from outside here.
"""

from __future__ import annotations

import sys
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from shibokensupport import feature

NO_QT, PLAIN, TRUE_PROPERTY = -1, 0, 2
# Modules of ours that run on Slicer's Qt, with all that lies below them.
PRODUCT = ("CTDenoise", "CTDenoisePanel", "CTDenoiseTrain", "CTDenoiseTrainPanel")


def speak_slicers_dialect() -> None:
    """From now on, modules that run in Slicer get PythonQt's dialect, and those of this folder plain Qt."""
    if _ChooseOnImport not in sys.meta_path:
        sys.meta_path.insert(0, _ChooseOnImport)
        plain = {kind: dict(vars(kind)) for kind in _qt_classes()}
        for name in [name for name in sys.modules if name.startswith("host.")]:
            _select(PLAIN, name)
        for name in ("slicer.util", __name__):
            use_dialect(name)
        _keep_all_methods(plain)


def use_dialect(module_name: str) -> None:
    """Chooses the dialect for a module, loaded or not."""
    _select(TRUE_PROPERTY, module_name)


class _ChooseOnImport:
    """Chooses for each module when it is first looked for; the search then goes on as usual."""

    @staticmethod
    def find_spec(name: str, _path: Any = None, _target: Any = None) -> None:
        if name.partition(".")[0] in PRODUCT:
            use_dialect(name)
        elif name.startswith("host."):
            _select(PLAIN, name)


def _select(dialect: int, module_name: str) -> None:
    _spare_loaded_modules()
    feature.set_selection(dialect, module_name)


def _spare_loaded_modules() -> None:
    """PySide6 would read the source of each loaded module to see whether it uses Qt, and stumble over one of torch."""
    others = [name for name in sys.modules if not name.startswith(("PySide6", "shiboken"))]
    feature.pyside_feature_dict.update(dict.fromkeys(others, NO_QT) | feature.pyside_feature_dict)


def _qt_classes() -> list[type]:
    objects = (getattr(module, name) for module in (QtCore, QtGui, QtWidgets) for name in dir(module))
    return [kind for kind in objects if isinstance(kind, type) and issubclass(kind, QtCore.QObject)]


def _keep_all_methods(plain: dict[type, dict[str, Any]]) -> None:
    """Gives back what `true_property` takes away and PythonQt keeps; this module itself runs under `true_property`."""
    for kind, methods in plain.items():
        for name in methods.keys() - vars(kind).keys():
            if not name.startswith("_"):
                setattr(kind, name, methods[name])
    clicked = plain[QtWidgets.QAbstractButton]["clicked"]
    # PySide6 sets a signal that is connected as an attribute of its object; this one is made anew each time.
    QtWidgets.QAbstractButton.clicked = property(lambda button: clicked.__get__(button)["bool"], lambda *_: None)
    tool_tip = plain[QtWidgets.QWidget]["toolTip"]
    set_tool_tip = plain[QtWidgets.QWidget]["setToolTip"]
    QtWidgets.QWidget.toolTip = property(lambda widget: _as_rich_text(tool_tip(widget)), set_tool_tip)
    QtCore.QObject.name = property(_object_name, _set_object_name)


def _as_rich_text(tool_tip: str) -> str:
    """What Slicer makes of a tooltip, so that long ones wrap."""
    return f"<p>{tool_tip}</p>" if tool_tip and not QtGui.Qt.mightBeRichText(tool_tip) else tool_tip


def _object_name(thing: QtCore.QObject) -> str:
    return thing.objectName


def _set_object_name(thing: QtCore.QObject, name: str) -> None:
    thing.objectName = name
