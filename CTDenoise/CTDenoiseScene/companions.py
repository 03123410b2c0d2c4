"""Which loaded volumes belong beside each other: a smooth reconstruction, a sharp one, and the denoised one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from CTDenoiseLib.matching import kernel_sharpness

from .candidate import Candidate
from .origin import Origin
from .results import Results
from .volume_facts import NoImageError

if TYPE_CHECKING:
    import slicer

    from .headers import HeaderSource


@dataclass(frozen=True)
class Companions:
    """Volumes to compare; `None` where none is loaded.

    Attributes:
        smooth: The reconstruction with the smoother kernel, such as Br56.
        sharp: The one with the sharper kernel, such as Qr89: what there is to denoise.
        denoised: What was made of the sharp one.
    """

    smooth: slicer.vtkMRMLScalarVolumeNode | None
    sharp: slicer.vtkMRMLScalarVolumeNode | None
    denoised: slicer.vtkMRMLScalarVolumeNode | None


def find_companions(
    nodes: Iterable[slicer.vtkMRMLScalarVolumeNode],
    headers: HeaderSource | None,
    *,
    around: slicer.vtkMRMLScalarVolumeNode,
    measure: Callable[[slicer.vtkMRMLScalarVolumeNode], float | None] = lambda node: None,
) -> Companions:
    """Propose volumes to see beside one of them.

    All lie in the same plane and place and belong to one study, by the subject hierarchy or by UID; volumes without a
    study must share the grid. The given volume is the sharp one, unless only sharper ones are loaded and nothing was
    denoised from it. Of several smoother ones that of the nearest section thickness is taken, then the smoothest.

    Args:
        nodes: Loaded volumes; label maps and volumes without an image are passed over.
        headers: Where their DICOM headers are kept, if anywhere.
        around: The volume to denoise, or one that was denoised.
        measure: Measures the noise of a node in HU, asked for only where kernels and thickness do not tell.

    Raises:
        NoImageError: The given volume holds no image.
    """
    given = Candidate.of(around, headers, measure)
    others = [other for other in _candidates(nodes, headers, measure, but=around) if other.belongs_to(given)]
    originals = [other for other in others if other.origin is Origin.ELSEWHERE]
    if given.origin is Origin.DENOISED:
        source = next((one for one in originals if _made_from(given, one)), None)
        smooth = _smooth_beside(source or given, originals)
        return Companions(smooth and smooth.node, source and source.node, around)
    denoised = [other for other in others if other.origin is Origin.DENOISED]
    smooth, sharp = _smooth_beside(given, originals), given
    if smooth is None and _latest_made_from(given, denoised) is None:
        sharper = [other for other in originals if other.sharper_than(given)]
        if sharper:
            smooth, sharp = given, min(sharper, key=lambda one: (one.thickness_octaves(given), -_sharpness(one)))
    made = _latest_made_from(sharp, denoised)
    return Companions(smooth and smooth.node, sharp.node, made and made.node)


def _candidates(
    nodes: Iterable[slicer.vtkMRMLScalarVolumeNode],
    headers: HeaderSource | None,
    measure: Callable[[slicer.vtkMRMLScalarVolumeNode], float | None],
    *,
    but: slicer.vtkMRMLScalarVolumeNode,
) -> Iterable[Candidate]:
    for node in nodes:
        if node is but or node.IsA("vtkMRMLLabelMapVolumeNode"):
            continue
        try:
            yield Candidate.of(node, headers, measure)
        except NoImageError:
            continue


def _smooth_beside(sharp: Candidate, originals: Sequence[Candidate]) -> Candidate | None:
    smoother = [other for other in originals if other is not sharp and sharp.sharper_than(other)]
    return min(smoother, key=lambda one: (one.thickness_octaves(sharp), _sharpness(one)), default=None)


def _latest_made_from(source: Candidate, denoised: Sequence[Candidate]) -> Candidate | None:
    return next((one for one in reversed(denoised) if _made_from(one, source)), None)


def _made_from(denoised: Candidate, source: Candidate) -> bool:
    """Whether one was denoised from the other: by reference, else by grid and, where both name it, kernel."""
    result = Results.of(denoised.node)
    if result is not None and result.input is not None:
        return result.input is source.node
    kernels = (denoised.facts.kernel, source.facts.kernel)
    return denoised.has_grid_of(source) and (kernels[0] == kernels[1] or () in kernels)


def _sharpness(one: Candidate) -> float:
    """For sorting; volumes of unknown kernel count as equally sharp."""
    return kernel_sharpness(one.facts.kernel) or 0.0
