"""The parameters of the scene that is open, bound to the widgets of a panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import vtk

from CTDenoiseScene.observers import Observers

if TYPE_CHECKING:
    import slicer

Wrapper = TypeVar("Wrapper")


class BoundParameters(Generic[Wrapper]):
    """Those of one parameter node at a time.

    Args:
        ui: Widgets of the panel; those with the dynamic property `SlicerParameterName` show a parameter.
        wrap: Makes a `parameterNodeWrapper` of a node.
        on_changed: Called when a parameter was changed, by whomever.

    Attributes:
        now: The parameters; `None` while there is no scene.
    """

    def __init__(self, ui: Any, wrap: Callable[[Any], Wrapper], on_changed: Callable[..., None]) -> None:
        self.now: Wrapper | None = None
        self._ui = ui
        self._wrap = wrap
        self._on_changed = on_changed
        self._gui_tag: Any = None
        self._observers = Observers()

    def bind(self, node: slicer.vtkMRMLScriptedModuleNode | None) -> None:
        """Show the parameters of a node, none with `None`."""
        parameters: Any = self.now
        if parameters is not None:
            self._observers.clear()
            parameters.disconnectGui(self._gui_tag)
        self.now = None
        if node is not None:
            # VTK calls the one who observes first last. Were that the first parameter of the wrapper, its widget would
            # show what it was before, whenever a script or a scene file changes it.
            self._observers.add(node, vtk.vtkCommand.ModifiedEvent, self._on_changed)
            parameters = self._wrap(node)
            self._gui_tag = parameters.connectGui(self._ui)
            self.now = parameters
