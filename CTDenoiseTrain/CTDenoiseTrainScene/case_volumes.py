"""Volumes of the scene that belong to one patient or phantom, each in its role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import slicer


@dataclass(frozen=True, kw_only=True)
class CaseVolumes:
    """Volumes that lie in the same place. Which are needed depends on the source of pairs; see `CaseFiles`.

    Attributes:
        patient: A label, never a name. Cases of one patient are never parted by the split.
        noisy: Filtered back-projection; low dose; sharp kernel; low resolution; or the only series there is.
        clean: Full dose; smooth kernel; or high resolution.
        iterative: Iterative reconstruction of the same scan with the same kernel and sections as `noisy`.
        repeats: Scans or label-control differences of the same object, with independent noise.
    """

    patient: str = "A"
    noisy: slicer.vtkMRMLScalarVolumeNode | None = None
    clean: slicer.vtkMRMLScalarVolumeNode | None = None
    iterative: slicer.vtkMRMLScalarVolumeNode | None = None
    repeats: tuple[slicer.vtkMRMLScalarVolumeNode, ...] = ()

    def nodes(self) -> Iterator[slicer.vtkMRMLScalarVolumeNode]:
        """All volumes of the case."""
        for node in (self.noisy, self.clean, self.iterative, *self.repeats):
            if node is not None:
                yield node
