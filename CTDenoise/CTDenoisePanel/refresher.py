"""Brings a panel up to date a moment after anything has changed, once for all that has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import qt

if TYPE_CHECKING:
    import slicer

_LOOK_AGAIN_MS = 100


class Refresher:
    """Waits until the scene is neither loaded nor closed.

    Args:
        parent: Qt object that the timer dies with.
        scene: The scene.
        refresh: Brings the panel up to date.
    """

    def __init__(self, parent: Any, scene: slicer.vtkMRMLScene, refresh: Callable[[], None]) -> None:
        self._scene = scene
        self._refresh = refresh
        self._soon = qt.QTimer(parent)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._on_soon)

    def ask(self, *_args: object) -> None:
        """Something has changed; for signals and observers of any kind."""
        if not self._soon.isActive():
            self._soon.start(0)

    def stop(self) -> None:
        """Forget what was asked."""
        self._soon.stop()

    def _on_soon(self, *_args: object) -> None:
        if self._scene.IsBatchProcessing():
            self._soon.start(_LOOK_AGAIN_MS)
        else:
            self._refresh()
