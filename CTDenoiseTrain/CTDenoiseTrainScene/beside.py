"""How a volume relates to another that lies in the same place: kernel, sampling, reconstruction, dose, time."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

from CTDenoiseLib.matching.kernel_sharpness import kernel_sharpness, same_kernel
from CTDenoiseScene.headers import instance_uids

from .scan_acquisition import scan_acquisition

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.volume import Acquisition
    from CTDenoiseScene.candidate import Candidate
    from CTDenoiseScene.headers import HeaderSource

_ACQUISITION_TIME = "0008,0032"
_FBP = "FBP"
# Tube current follows the patient, so that exposures of one protocol vary; and so do measured noise levels.
_CLEARLY_OTHER_DOSE = 1.5
_CLEARLY_OTHER_NOISE = 1.3
_CLEARLY_FINER = 1.3


class Beside:
    """A volume beside the one that was chosen.

    Args:
        given: The chosen one.
        other: The one beside it.
        headers: Where DICOM headers are kept, if anywhere.
    """

    def __init__(self, given: Candidate, other: Candidate, headers: HeaderSource | None) -> None:
        self._given = given
        self._other = other
        self._headers = headers

    @property
    def node(self) -> slicer.vtkMRMLScalarVolumeNode:
        """The volume."""
        return self._other.node

    @property
    def in_place(self) -> bool:
        """Whether both show the same place in the same plane in one study."""
        return self._other.belongs_to(self._given)

    @property
    def same_sampling(self) -> bool:
        """Whether pixels and sections have the same size and distance; sections at either end may be missing."""
        own, its = self._given.facts, self._other.facts
        sizes = zip((*own.pixel_spacing, own.increment), (*its.pixel_spacing, its.increment), strict=True)
        return (
            (own.rows, own.columns) == (its.rows, its.columns)
            and all(math.isclose(one, other, rel_tol=1e-3) for one, other in sizes)
            and _none_or_close(own.section_thickness, its.section_thickness)
        )

    @property
    def same_kernel(self) -> bool:
        """Whether both name the same kernel, whatever the strength of an iterative method beside it."""
        own, its = self._given.facts.kernel, self._other.facts.kernel
        return bool(own and its) and same_kernel(own[0], its[0])

    @cached_property
    def iterative(self) -> bool | None:
        """Whether it is an iterative reconstruction; `None` where the header does not say."""
        return None if self._its.reconstruction is None else self._its.reconstruction != _FBP

    @property
    def iterative_differs(self) -> bool:
        """Whether one is an iterative reconstruction and the other, of the same dose, is not."""
        if self._own.reconstruction is None or self.iterative is None or self._dose_ratio is not None:
            return False
        return self.iterative != (self._own.reconstruction != _FBP)

    @property
    def more_dose(self) -> bool | None:
        """Whether it has clearly more dose, or of unknown dose clearly less noise; `None` if neither has."""
        if self._own.reconstruction != self._its.reconstruction:
            return None
        if self._dose_ratio is not None:
            return self._dose_ratio > 1
        if self._own.exposure and self._its.exposure:
            return None
        own, its = self._given.measure(self._given.node), self._other.measure(self._other.node)
        if not own or not its or max(own, its) < _CLEARLY_OTHER_NOISE * min(own, its):
            return None
        return its < own

    @property
    def repeats(self) -> bool:
        """Whether it was scanned at another time, with all else the same."""
        times = self._time(self._given), self._time(self._other)
        return (
            "" not in times
            and times[0] != times[1]
            and self.same_sampling
            and self._given.facts.kernel == self._other.facts.kernel
            and self._own.reconstruction == self._its.reconstruction
            and self._dose_ratio is None
        )

    @property
    def sharper(self) -> bool | None:
        """Whether its kernel is sharper; `None` where nothing known tells."""
        return self._other.sharper_than(self._given)

    @property
    def sharpness(self) -> float:
        """Of its kernel, for sorting; kernels that are not known come first."""
        return kernel_sharpness(self._other.facts.kernel) or 0.0

    @property
    def finer(self) -> bool | None:
        """Whether its pixels or sections are clearly finer, and none coarser; `None` if the two do not differ so."""
        own, its = self._given.facts, self._other.facts
        across = max(own.pixel_spacing) / max(its.pixel_spacing)
        along = (own.section_thickness or own.increment) / (its.section_thickness or its.increment)
        ratios = (across, along)
        if max(ratios) > _CLEARLY_FINER and min(ratios) > 1 / _CLEARLY_FINER:
            return True
        if min(ratios) < 1 / _CLEARLY_FINER and max(ratios) < _CLEARLY_FINER:
            return False
        return None

    @cached_property
    def _own(self) -> Acquisition:
        return scan_acquisition(self._given.node, self._headers)

    @cached_property
    def _its(self) -> Acquisition:
        return scan_acquisition(self._other.node, self._headers)

    @property
    def _dose_ratio(self) -> float | None:
        """Its exposure by that of the chosen volume; `None` if unknown, or about the same."""
        own, its = self._own.exposure, self._its.exposure
        if not own or not its or max(own, its) < _CLEARLY_OTHER_DOSE * min(own, its):
            return None
        return float(its / own)

    def _time(self, candidate: Candidate) -> str:
        uids = instance_uids(candidate.node)
        if self._headers is None or not uids:
            return ""
        return self._headers.value(uids[0], _ACQUISITION_TIME).strip()


def _none_or_close(one: float | None, other: float | None) -> bool:
    return one is None or other is None or math.isclose(one, other, rel_tol=0.01)
