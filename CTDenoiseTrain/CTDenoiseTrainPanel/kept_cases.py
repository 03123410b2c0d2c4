"""Volumes that no single selector holds, kept in the parameter node: further patients, and repeats of a scan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from CTDenoiseTrainScene.case_volumes import CaseVolumes

if TYPE_CHECKING:
    import slicer

_COUNT = "cases"
_CHOSEN = "repeats_chosen"
_REPEAT = "repeat"
_ROLES = ("noisy", "clean", "iterative")


class KeptCases:
    """Kept as node references, so that they survive saving and loading the scene.

    Args:
        node: The parameter node.
    """

    def __init__(self, node: slicer.vtkMRMLScriptedModuleNode) -> None:
        self._node = node

    @property
    def cases(self) -> tuple[CaseVolumes, ...]:
        """Patients that were added, the oldest first; volumes that left the scene are missing in them."""
        return tuple(map(self._read, range(self._count)))

    def add(self, case: CaseVolumes) -> None:
        """Keep a patient."""
        self._write(self._count, case)
        self._count += 1

    def remove(self, index: int) -> None:
        """Forget a patient."""
        kept = [case for number, case in enumerate(self.cases) if number != index]
        for number in range(self._count):
            self._write(number, CaseVolumes())
        for number, case in enumerate(kept):
            self._write(number, case)
        self._count = len(kept)

    @property
    def repeats(self) -> tuple[Any, ...] | None:
        """Repeats of the patient on show; `None` as long as the user has not chosen them."""
        return self._references(_REPEAT) if self._node.GetParameter(_CHOSEN) else None

    @repeats.setter
    def repeats(self, nodes: Sequence[Any] | None) -> None:
        self._refer(_REPEAT, nodes or ())
        self._node.SetParameter(_CHOSEN, "" if nodes is None else "1")

    @property
    def _count(self) -> int:
        return int(self._node.GetParameter(_COUNT) or 0)

    @_count.setter
    def _count(self, count: int) -> None:
        self._node.SetParameter(_COUNT, str(count))

    def _read(self, number: int) -> CaseVolumes:
        volumes = {role: next(iter(self._references(_key(number, role))), None) for role in _ROLES}
        return CaseVolumes(**volumes, repeats=self._references(_key(number, _REPEAT)))

    def _write(self, number: int, case: CaseVolumes) -> None:
        for role in _ROLES:
            node = getattr(case, role)
            self._refer(_key(number, role), () if node is None else (node,))
        self._refer(_key(number, _REPEAT), case.repeats)

    def _references(self, role: str) -> tuple[Any, ...]:
        nodes = (self._node.GetNthNodeReference(role, n) for n in range(self._node.GetNumberOfNodeReferences(role)))
        return tuple(node for node in nodes if node is not None)

    def _refer(self, role: str, nodes: Sequence[Any]) -> None:
        self._node.RemoveNodeReferenceIDs(role)
        for node in nodes:
            self._node.AddNodeReferenceID(role, node.GetID())


def _key(number: int, role: str) -> str:
    return f"case{number}.{role}"
