"""Which volumes a training has, from what the user chose and what is proposed for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from CTDenoiseTrainScene.case_volumes import CaseVolumes

from .kept_cases import KeptCases

if TYPE_CHECKING:
    from CTDenoiseTrainScene.propose import Proposal

    from .parameters import Parameters
    from .sources import SourceKind

_USUALLY_APART = 3


@dataclass(frozen=True, kw_only=True)
class DataChoice:
    """What there is to train with.

    Attributes:
        kind: Where pairs come from.
        reason: Why, or why it does not come by itself, in a sentence.
        case: Volumes of the patient on show, as far as there are any.
        kept: Those of patients that were added before.
        proposed: Volumes that are proposed for the patient on show.
        sections_apart: See `DataOptions`.
        has_volume: Whether a volume is chosen.
    """

    kind: SourceKind
    reason: str
    case: CaseVolumes
    kept: tuple[CaseVolumes, ...] = ()
    proposed: CaseVolumes
    sections_apart: int = _USUALLY_APART
    has_volume: bool

    @property
    def cases(self) -> tuple[CaseVolumes, ...]:
        """All patients, labelled 1, 2, 3 …; the one on show is the last, if a volume is chosen."""
        shown = (self.case,) if self.has_volume else ()
        return tuple(replace(case, patient=str(number)) for number, case in enumerate((*self.kept, *shown), start=1))

    @property
    def problem(self) -> str:
        """Why there is nothing to train with, in a sentence; empty if there is."""
        if not self.cases:
            return _("Choose a volume first.")
        return next(filter(None, (self._missing(case) for case in self.cases)), "")

    @property
    def problem_of_case(self) -> str:
        """Why the patient on show cannot be kept and another one be chosen, in a sentence; empty if it can."""
        return self._missing(self.cases[-1]) if self.has_volume else _("Choose a volume first.")

    def _missing(self, case: CaseVolumes) -> str:
        """What a case lacks; the patient is named where there are several."""
        lacks = next((title for role, title in self.kind.roles.items() if getattr(case, role) is None), "")
        several = len(self.cases) > 1
        if lacks and several:
            return _("Patient {patient} lacks a volume for “{role}”.").format(patient=case.patient, role=lacks)
        if lacks:
            return _("Choose a volume for “{role}”.").format(role=lacks)
        if len(case.repeats) < self.kind.repeats:
            return _("Tick at least {count} repeats of the same scan.").format(count=self.kind.repeats)
        return ""


def choose_data(  # noqa: PLR0913 - what is proposed, and what the user made of it
    kinds: Sequence[SourceKind],
    proposals: Sequence[Proposal],
    *,
    source: str,
    volume: Any,
    chosen: CaseVolumes,
    repeats: tuple[Any, ...] | None,
    kept: tuple[CaseVolumes, ...],
) -> DataChoice:
    """Bring both together.

    Args:
        kinds: All sources.
        proposals: For the volume, the best first; empty without a volume.
        source: Key of the source that the user chose; empty for the one that is proposed.
        volume: What the model is to denoise; `None` if none is chosen.
        chosen: Volumes that the user chose; what is `None` in it is taken from the proposal.
        repeats: Repeats that the user chose; `None` for those that are proposed.
        kept: Patients that were added before.
    """
    kind = _kind(kinds, proposals, source)
    proposal = next((one for one in proposals if (one.source, one.method) == (kind.source, kind.method)), None)
    alone = next((one for one in proposals if one.source == "self-supervised"), None)
    proposed = proposal.case if proposal is not None and proposal.case is not None else CaseVolumes(noisy=volume)
    return DataChoice(
        kind=kind,
        reason=proposal.reason if proposal is not None else kind.sentence if volume is not None else "",
        case=_case(kind, chosen, proposed, repeats),
        kept=tuple(_only(kind, case) for case in kept),
        proposed=proposed,
        sections_apart=alone.sections_apart if alone is not None else _USUALLY_APART,
        has_volume=volume is not None,
    )


def propose_anew(parameters: Parameters) -> None:
    """Take back what the user chose for the patient on show, but for the volume."""
    parameters.source = ""
    parameters.noisy_volume = parameters.clean_volume = parameters.iterative_volume = None
    KeptCases(parameters.parameterNode).repeats = None


def _kind(kinds: Sequence[SourceKind], proposals: Sequence[Proposal], source: str) -> SourceKind:
    by_key = {kind.key: kind for kind in kinds}
    if source in by_key:
        return by_key[source]
    best = next((one for one in proposals if one.applies), None)
    proposed = (kind for kind in kinds if best is not None and (kind.source, kind.method) == (best.source, best.method))
    return next(proposed, by_key["self-supervised"])


def _case(kind: SourceKind, chosen: CaseVolumes, proposed: CaseVolumes, repeats: tuple[Any, ...] | None) -> CaseVolumes:
    volumes = {role: getattr(chosen, role) or getattr(proposed, role) for role in kind.roles}
    return _only(kind, CaseVolumes(**volumes, repeats=proposed.repeats if repeats is None else repeats))


def _only(kind: SourceKind, case: CaseVolumes) -> CaseVolumes:
    """The volumes of a case that a source has a use for."""
    volumes = {role: getattr(case, role) for role in kind.roles}
    return CaseVolumes(**volumes, repeats=case.repeats if kind.repeats else ())
