"""A module's real widget in the hands of its self tests: they look, press and wait as a user does."""

from __future__ import annotations

import os
import time
import unittest
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import slicer

# A worker that starts for the first time on a slow disk needs most of it to load torch.
_PATIENCE_SECONDS = 120.0
_LOOK_AGAIN_SECONDS = 0.005
_SETTLING_SECONDS = 0.1


class ModuleBench:
    """A module's panel in a scene of its own.

    Args:
        case: The running test, which is failed when something does not happen in time.
        module: Name of the module.
    """

    def __init__(self, case: unittest.TestCase, module: str) -> None:
        self.case = case
        # Without a main window no panel was shown yet, and Slicer makes it now.
        self.widget = getattr(slicer.modules, f"{module}Widget", None) or slicer.util.getModuleWidget(module)
        self.ui = slicer.util.childWidgetVariables(self.widget.parent)

    @contextmanager
    def with_environment(self, variables: Mapping[str, str]) -> Iterator[None]:
        """With other folders of models and runs, and everything as before afterwards."""
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
            self.start_afresh()

    def start_afresh(self) -> None:
        """Close the scene and open the panel again."""
        slicer.mrmlScene.Clear()
        self.settle()
        self.widget.enter()
        self.settle()

    def check(self, holds: bool, what: str) -> None:
        """Fail the test unless something holds that should; `what` says it."""
        if not holds:
            self.case.fail(f"Not so: {what}. {self.state}")

    def wait(self, until: Callable[[], object], what: str) -> None:
        """Run the event loop until something is true."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not until():
            if time.monotonic() > deadline:
                self.case.fail(f"Waited in vain for {what}. {self.state}")
            slicer.app.processEvents()
            time.sleep(_LOOK_AGAIN_SECONDS)

    def settle(self) -> None:
        """Let the panel catch up with what has happened."""
        deadline = time.monotonic() + _SETTLING_SECONDS
        while time.monotonic() < deadline:
            slicer.app.processEvents()
            time.sleep(_LOOK_AGAIN_SECONDS)

    @property
    def state(self) -> str:
        """What the panel says, for failures."""
        raise NotImplementedError
