from __future__ import annotations

import gc
from typing import Any

import pytest
import vtk

from CTDenoiseScene.observers import Observers


class Owner:
    """Hears of changes, and refers to itself, so that only the garbage collector can take it."""

    def __init__(self, observed: Any, heard: list[str]) -> None:
        self.itself = self
        self.observers = Observers()
        self.observers.add(observed, vtk.vtkCommand.ModifiedEvent, lambda _observed, event: heard.append(event))


@pytest.fixture
def observed() -> Any:
    """An object that lives on in VTK when Python has let go of it."""
    held = vtk.vtkCollection()
    held.AddItem(vtk.vtkObject())
    return lambda: held.GetItemAsObject(0)


def test_callbacks_are_called_until_observation_ends(observed: Any) -> None:
    heard: list[str] = []
    owner = Owner(observed(), heard)
    gc.collect()
    observed().Modified()
    owner.observers.clear()
    observed().Modified()
    assert heard == ["ModifiedEvent"]


def test_observation_ends_with_its_owner_though_the_object_lives_on(observed: Any) -> None:
    heard: list[str] = []
    Owner(observed(), heard)
    gc.collect()
    observed().Modified()
    assert heard == []
