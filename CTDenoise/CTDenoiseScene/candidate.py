"""A volume that may be compared with another, and how the two relate: study, plane, place and sharpness."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import slicer
from numpy.typing import NDArray

from CTDenoiseLib.matching import kernel_sharpness
from CTDenoiseLib.matching.kernel_sharpness import ABOUT_AS_SHARP

from .origin import Origin, origin
from .volume_facts import VolumeFacts, volume_facts

if TYPE_CHECKING:
    from .headers import HeaderSource

_MOST_TILT_DEGREES = 2.0
_LEAST_OVERLAP = 0.5
_CLEARLY_THINNER = 1.1
_CLEARLY_NOISIER = 1.2
_SAME_PLACE_MM = 0.01


@dataclass(frozen=True, eq=False)
class Candidate:
    """A volume and what tells it from others.

    Attributes:
        node: The volume.
        facts: Of it.
        origin: Who made it.
        study_item: Item of its study in the subject hierarchy, 0 if it is in none.
        box: Lowest and highest world coordinates (RAS, mm), shape (2, 3).
        measure: Measures the noise of a node in HU, where that is possible.
    """

    node: slicer.vtkMRMLScalarVolumeNode
    facts: VolumeFacts
    origin: Origin
    study_item: int
    box: NDArray[np.float64]
    measure: Callable[[slicer.vtkMRMLScalarVolumeNode], float | None]

    @classmethod
    def of(
        cls,
        node: slicer.vtkMRMLScalarVolumeNode,
        headers: HeaderSource | None,
        measure: Callable[[slicer.vtkMRMLScalarVolumeNode], float | None],
    ) -> Candidate:
        """Gather what is known of a volume.

        Raises:
            NoImageError: The node holds no image.
        """
        bounds = [0.0] * 6
        facts = volume_facts(node, headers)
        node.GetRASBounds(bounds)
        return cls(node, facts, origin(node, headers), _study_item(node), np.array(bounds).reshape(3, 2).T, measure)

    def belongs_to(self, other: Candidate) -> bool:
        """Whether both show the same place in the same plane in one study; without a study, voxel by voxel."""
        if not (self._has_study and other._has_study):
            return self.has_grid_of(other)
        one_study = self.study_item == other.study_item != 0 or (
            self.facts.study_uid == other.facts.study_uid is not None
        )
        return one_study and self._in_plane_of(other) and self._overlaps(other)

    def has_grid_of(self, other: Candidate) -> bool:
        """Whether the voxels of both lie in the same places."""
        own, its = self.facts, other.facts
        return (
            (own.rows, own.columns, own.sections) == (its.rows, its.columns, its.sections)
            and np.allclose(own.axes, its.axes, atol=1e-3)
            and np.allclose(self.box, other.box, atol=_SAME_PLACE_MM)
        )

    def sharper_than(self, other: Candidate) -> bool | None:
        """Whether it holds finer detail than another; `None` where nothing known tells.

        The kernel tells; of equally sharp kernels the section thickness, of which the smaller keeps more detail; where
        kernels cannot be compared, the noise, of which the sharper one has more.
        """
        own, its = kernel_sharpness(self.facts.kernel), kernel_sharpness(other.facts.kernel)
        equally_sharp = self.facts.kernel == other.facts.kernel
        if own is not None and its is not None:
            if abs(own - its) > ABOUT_AS_SHARP:
                return own > its
            equally_sharp = True
        if equally_sharp:
            thinner = _clearly_more(other.facts.section_thickness, self.facts.section_thickness, _CLEARLY_THINNER)
            if thinner is not None:
                return thinner
        return _clearly_more(self.measure(self.node), other.measure(other.node), _CLEARLY_NOISIER)

    def thickness_octaves(self, other: Candidate) -> int:
        """How many times, about, the thickness of one doubles to that of the other; 0 where one is unknown."""
        own, its = self.facts.section_thickness, other.facts.section_thickness
        return abs(round(math.log2(own / its))) if own and its else 0

    @property
    def _has_study(self) -> bool:
        return self.study_item != 0 or self.facts.study_uid is not None

    def _in_plane_of(self, other: Candidate) -> bool:
        cosine = abs(float(np.dot(self.facts.axes[2], other.facts.axes[2])))
        return math.degrees(math.acos(min(1.0, cosine))) <= _MOST_TILT_DEGREES

    def _overlaps(self, other: Candidate) -> bool:
        """Whether at least half of the smaller one, seen as a box in the world, lies in the other."""
        common = np.maximum(np.minimum(self.box[1], other.box[1]) - np.maximum(self.box[0], other.box[0]), 0.0)
        smaller = min(float((box[1] - box[0]).prod()) for box in (self.box, other.box))
        return bool(common.prod() >= _LEAST_OVERLAP * smaller)


def _study_item(node: slicer.vtkMRMLVolumeNode) -> int:
    scene = node.GetScene()
    hierarchy = scene and slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = hierarchy.GetItemByDataNode(node) if hierarchy else 0
    level = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMLevelStudy()
    return int(hierarchy.GetItemAncestorAtLevel(item, level)) if item else 0


def _clearly_more(one: float | None, other: float | None, factor: float) -> bool | None:
    """Whether the first is the larger; `None` where one is unknown or both are nearly the same."""
    if not one or not other or max(one, other) < factor * min(one, other):
        return None
    return one > other
