"""Which loaded volumes can teach a network, and how: proposals for a volume, each with its reason in a sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from CTDenoiseScene.candidate import Candidate
from CTDenoiseScene.origin import Origin
from CTDenoiseScene.results import Results
from CTDenoiseScene.volume_facts import NoImageError

from .beside import Beside
from .case_volumes import CaseVolumes

if TYPE_CHECKING:
    import slicer

    from CTDenoiseScene.headers import HeaderSource
    from CTDenoiseTrainLib.recipe.content import DataOptions, NoiseMethod, Source

# Sections that are subtracted lie at least so many apart; see `DataOptions.sections_apart`.
_APART = 3
# Training and validation need some sections each, and each section needs its neighbours and one to subtract.
_FEWEST_SECTIONS = 16


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A source of pairs, and the volumes it would have.

    Attributes:
        source: How pairs come about.
        method: How noise maps are made; of "noise-maps" only.
        sections_apart: See `DataOptions`.
        case: The volumes in their roles; `None` if the source does not apply to what is loaded.
        reason: Why it is proposed, or why it does not apply, in a sentence.
    """

    source: Source
    method: NoiseMethod = "reconstructions"
    sections_apart: int = _APART
    case: CaseVolumes | None
    reason: str

    @property
    def applies(self) -> bool:
        """Whether there are volumes for it."""
        return self.case is not None

    def apply(self, data: DataOptions) -> DataOptions:
        """The options of a recipe with this source; the volumes are given to the session beside the recipe."""
        return replace(data, source=self.source, method=self.method, sections_apart=self.sections_apart)


def propose_sources(
    nodes: Iterable[slicer.vtkMRMLScalarVolumeNode],
    headers: HeaderSource | None,
    *,
    around: slicer.vtkMRMLScalarVolumeNode,
    measure: Callable[[slicer.vtkMRMLScalarVolumeNode], float | None] = lambda node: None,
) -> tuple[Proposal, ...]:
    """All sources of pairs for a volume, those that apply first, the best of them before the others.

    Pairs of the same kernel come first, as they keep its resolution.

    Args:
        nodes: Loaded volumes; label maps, results and volumes without an image are passed over.
        headers: Where their DICOM headers are kept, if anywhere.
        around: The volume to denoise, or one that was made from it.
        measure: Measures the noise of a node in HU, asked for only where headers do not tell.

    Raises:
        NoImageError: The given volume holds no image.
    """
    result = Results.of(around)
    if result is not None and result.input is not None:
        around = result.input
    given = Candidate.of(around, headers, measure)
    others = [Beside(given, other, headers) for other in _originals(nodes, headers, measure, but=around)]
    others = [other for other in others if other.in_place]
    proposals = (
        _noise_maps(given, others),
        _dose_pairs(given, others),
        _repeats(given, others),
        _kernel_pairs(given, others),
        _self_supervised(given),
        _resolution_pairs(given, others),
        _averages(given, others),
    )
    return tuple(sorted(proposals, key=lambda proposal: not proposal.applies))


def _originals(
    nodes: Iterable[slicer.vtkMRMLScalarVolumeNode],
    headers: HeaderSource | None,
    measure: Callable[[slicer.vtkMRMLScalarVolumeNode], float | None],
    *,
    but: slicer.vtkMRMLScalarVolumeNode,
) -> Iterator[Candidate]:
    for node in nodes:
        if node is but or node.IsA("vtkMRMLLabelMapVolumeNode"):
            continue
        try:
            candidate = Candidate.of(node, headers, measure)
        except NoImageError:
            continue
        if candidate.origin is Origin.ELSEWHERE:
            yield candidate


def _noise_maps(given: Candidate, others: list[Beside]) -> Proposal:
    other = next((one for one in others if one.same_sampling and one.same_kernel and one.iterative_differs), None)
    if other is None:
        return Proposal(
            source="noise-maps",
            case=None,
            reason="Noise maps need filtered back-projection and iterative reconstruction of one scan, with the same "
            "kernel and sections and with headers that say which is which; they are not loaded.",
        )
    first, second = (given.node, other.node) if other.iterative else (other.node, given.node)
    return Proposal(
        source="noise-maps",
        case=CaseVolumes(noisy=first, iterative=second),
        reason=f"“{_name(first)}” and “{_name(second)}” are filtered back-projection and iterative reconstruction with "
        "the same kernel: their difference is noise.",
    )


def _dose_pairs(given: Candidate, others: list[Beside]) -> Proposal:
    found = [one for one in others if one.same_sampling and one.same_kernel and one.more_dose is not None]
    if not found:
        return Proposal(
            source="dose-pairs",
            case=None,
            reason="Pairs of dose need a scan of the same place with the same kernel and sections and clearly more or "
            "less dose; none is loaded.",
        )
    other = found[0]
    noisy, clean = (given.node, other.node) if other.more_dose else (other.node, given.node)
    return Proposal(
        source="dose-pairs",
        case=CaseVolumes(noisy=noisy, clean=clean),
        reason=f"“{_name(clean)}” has the same kernel and sections as “{_name(noisy)}” and less noise.",
    )


def _repeats(given: Candidate, others: list[Beside]) -> Proposal:
    found = [one.node for one in others if one.repeats]
    return Proposal(
        source="repeats",
        case=CaseVolumes(repeats=(given.node, *found)) if found else None,
        reason=f"{len(found) + 1} scans of the same place differ by noise alone, if nothing has moved between them."
        if found
        else "Repeats need another scan of the same place, at another time, with the same kernel and sections; none is "
        "loaded.",
    )


def _kernel_pairs(given: Candidate, others: list[Beside]) -> Proposal:
    found = [one for one in others if one.same_sampling and not one.same_kernel and one.sharper is not None]
    smoother = [one for one in found if not one.sharper]
    if not found:
        return Proposal(
            source="kernel-pairs",
            case=None,
            reason="Pairs of kernels need a smoother reconstruction of the same sections; none is loaded.",
        )
    other = min(smoother or found, key=lambda one: one.sharpness)
    noisy, clean = (given.node, other.node) if smoother else (other.node, given.node)
    return Proposal(
        source="kernel-pairs",
        case=CaseVolumes(noisy=noisy, clean=clean),
        reason=f"“{_name(clean)}” is a smoother reconstruction of “{_name(noisy)}”. What is learnt from it has its low "
        "noise, and its low resolution too.",
    )


def _self_supervised(given: Candidate) -> Proposal:
    sections, thickness = given.facts.sections, given.facts.section_thickness
    # Sections that overlap share noise; one more than touch each other is on the safe side.
    apart = max(_APART, math.ceil((thickness or 0.0) / given.facts.increment - 1e-3) + 1)
    if sections < max(_FEWEST_SECTIONS, 4 * apart):
        return Proposal(
            source="self-supervised",
            case=None,
            reason=f"“{_name(given.node)}” has {sections} section{'s' if sections != 1 else ''}; to learn from one "
            f"series alone takes at least {max(_FEWEST_SECTIONS, 4 * apart)}.",
        )
    return Proposal(
        source="self-supervised",
        sections_apart=apart,
        case=CaseVolumes(noisy=given.node),
        reason=f"“{_name(given.node)}” alone will do: sections {apart} apart are subtracted to see its noise.",
    )


def _resolution_pairs(given: Candidate, others: list[Beside]) -> Proposal:
    found = [one for one in others if one.finer is not None]
    if not found:
        return Proposal(
            source="resolution-pairs",
            case=None,
            reason="Pairs of resolution need a reconstruction of the same place with clearly finer pixels or thinner "
            "sections; none is loaded.",
        )
    other = found[0]
    coarse, fine = (given.node, other.node) if other.finer else (other.node, given.node)
    return Proposal(
        source="resolution-pairs",
        case=CaseVolumes(noisy=coarse, clean=fine),
        reason=f"“{_name(fine)}” is finer than “{_name(coarse)}” of the same place.",
    )


def _averages(given: Candidate, others: list[Beside]) -> Proposal:
    found = [one.node for one in others if one.repeats]
    return Proposal(
        source="averages",
        case=CaseVolumes(repeats=(given.node, *found)) if len(found) > 1 else None,
        reason=f"{len(found) + 1} repeats of the same image: a few of them averaged learn from the others."
        if len(found) > 1
        else "Averages need at least three repeats of the same image, as in arterial spin labelling; they are not "
        "loaded.",
    )


def _name(node: slicer.vtkMRMLScalarVolumeNode) -> str:
    return str(node.GetName())
