"""A module of Slicer in the hands of a user, for tests on the stand-in for Slicer's Qt side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import slicer.util

from host.dialect import use_dialect
from host.slicer_host import LoadedModule, SlicerHost

from .ct_series import make_ct_series

use_dialect(__name__)


@dataclass
class ModuleUser:
    """Does what a user does, and sees what he sees, in any module.

    Attributes:
        host: Slicer.
        spin: Runs the event loop.
        load: Loads modules.
        loaded: The module in use, once it is opened.
    """

    host: SlicerHost
    spin: Callable[..., None]
    load: Callable[..., LoadedModule]
    loaded: Any = None
    _widgets: tuple[Any, Any] = (None, None)

    @property
    def parameters(self) -> Any:
        return self.loaded.widget.logic.parameters()

    @property
    def ui(self) -> Any:
        if self._widgets[0] is not self.loaded:
            self._widgets = self.loaded, slicer.util.childWidgetVariables(self.loaded.widget.parent)
        return self._widgets[1]

    def add_series(self, folder: Path, **series: Any) -> Any:
        """Import a DICOM series (`support.ct_series.make_ct_series`) and load it; returns the node."""
        from DICOMLib import DICOMUtils

        (node_id,) = DICOMUtils.loadSeriesByUID(self.host.database.add_folder(make_ct_series(folder, **series)))
        return slicer.mrmlScene.GetNodeByID(node_id)

    def set(self, **parameters: Any) -> None:
        """Change parameters, as the controls bound to them do."""
        for name, value in parameters.items():
            setattr(self.parameters, name, value)
        self.settle()

    def settle(self) -> None:
        """Let the panel catch up with what has happened, but for what lasts, as a run does."""
        panel = self.loaded.widget.panel
        slicer.app.processEvents()
        self.spin(lambda: not (panel._refresher._soon.isActive() or panel._heartbeat._timer.isActive()), seconds=0.05)
        self.spin(lambda: not panel._refresher._soon.isActive())

    def why(self, control: str) -> str:
        """The tooltip of a control that is disabled; empty when it is enabled."""
        widget = getattr(self.ui, control)
        return "" if widget.enabled else str(widget.toolTip)

    def said(self, label: str) -> str:
        """What a label says; empty while it is hidden."""
        widget = getattr(self.ui, label)
        return str(widget.text) if widget.isVisible() else ""
