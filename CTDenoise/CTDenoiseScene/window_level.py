"""One window and level for all CT volumes that are compared, whichever of them the user changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import slicer

from .observers import Observers
from .scene_nodes import nodes_of

if TYPE_CHECKING:
    from slicer import vtkMRMLScalarVolumeDisplayNode, vtkMRMLScalarVolumeNode, vtkMRMLScene

# On display nodes, hence also in saved scenes: what the user had before volumes were compared.
_FORMER = "CTDenoise.formerWindowLevel"


@dataclass(frozen=True)
class WindowLevel:
    """Grey scale of a CT picture, in HU: black at level - window / 2, white at level + window / 2."""

    window: float
    level: float


# Common in textbooks and on scanners. Between soft tissue and bone: contrast medium in the thecal sac and small veins.
PRESETS = {
    "Spine / bone": WindowLevel(2000, 500),
    "Soft tissue": WindowLevel(400, 40),
    "Lung": WindowLevel(1500, -600),
    "Myelography": WindowLevel(1200, 300),
}


class SharedWindowLevel:
    """Keeps window and level of several volumes the same: a change of one is a change of all.

    What each had before is noted in its display node, so that `restore` gives it back even in another session.
    """

    def __init__(self, scene: vtkMRMLScene) -> None:
        self._scene = scene
        self._volumes: list[vtkMRMLScalarVolumeNode] = []
        self._observers = Observers()
        self._updating = False

    @property
    def value(self) -> WindowLevel | None:
        """What the volumes share; `None` without volumes."""
        display = next(self._displays(), None)
        return None if display is None else WindowLevel(display.GetWindow(), display.GetLevel())

    def set(self, value: WindowLevel) -> None:
        """Show all volumes with a window and level."""
        self._updating = True
        try:
            for display in self._displays():
                _set(display, value)
        finally:
            self._updating = False

    def share(self, volumes: Iterable[vtkMRMLScalarVolumeNode]) -> None:
        """Share among these volumes and no others.

        Volumes that join get what the others share; if all are new, all get what the first has.
        """
        volumes = [volume for volume in dict.fromkeys(volumes) if volume.GetScalarVolumeDisplayNode()]
        leader = next((volume for volume in volumes if volume in self._volumes), volumes[0] if volumes else None)
        self._observers.clear()
        self._volumes = volumes
        if leader is None:
            return
        lead = leader.GetScalarVolumeDisplayNode()
        for display in self._displays():
            _note_former(display, lead)
        self.set(WindowLevel(lead.GetWindow(), lead.GetLevel()))
        for volume in volumes:
            self._observers.add(volume, slicer.vtkMRMLDisplayableNode.DisplayModifiedEvent, self._on_display_modified)

    def release(self) -> None:
        """End the sharing; the volumes keep what they have."""
        self.share(())

    def restore(self) -> None:
        """End the sharing and give each volume of the scene the window and level it had before.

        Where Slicer had chosen them by itself, they come back without being chosen anew: in a large volume that takes
        seconds.
        """
        self.release()
        for display in nodes_of(self._scene, "vtkMRMLScalarVolumeDisplayNode"):
            former = display.GetAttribute(_FORMER)
            if former:
                window, level = (float(value) for value in former.split())
                _set(display, WindowLevel(window, level))
                display.RemoveAttribute(_FORMER)

    def _displays(self) -> Iterator[vtkMRMLScalarVolumeDisplayNode]:
        for volume in self._volumes:
            display = volume.GetScalarVolumeDisplayNode()
            if display is not None:
                yield display

    def _on_display_modified(self, volume: vtkMRMLScalarVolumeNode, _event: str) -> None:
        display = volume.GetScalarVolumeDisplayNode()
        if not self._updating and display is not None:
            self.set(WindowLevel(display.GetWindow(), display.GetLevel()))


def _note_former(display: vtkMRMLScalarVolumeDisplayNode, leader: vtkMRMLScalarVolumeDisplayNode) -> None:
    """Note in a display node what the user had; a result that was made to look like the leader had what that had."""
    if display.GetAttribute(_FORMER):
        return
    now = (display.GetWindow(), display.GetLevel())
    like_leader = now == (leader.GetWindow(), leader.GetLevel())
    former = leader.GetAttribute(_FORMER) if like_leader else None
    display.SetAttribute(_FORMER, former or f"{now[0]!r} {now[1]!r}")


def _set(display: vtkMRMLScalarVolumeDisplayNode, value: WindowLevel) -> None:
    blocked = display.StartModify()
    display.SetAutoWindowLevel(False)
    display.SetWindowLevel(value.window, value.level)
    display.EndModify(blocked)
