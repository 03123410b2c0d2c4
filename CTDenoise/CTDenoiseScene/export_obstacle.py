"""Why a result cannot be saved now, as a sentence: for the tooltip of a button, and before any work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .export_target import SaveReport, SaveSeries, Target
from .headers import instance_uids
from .results import Results
from .voxels import voxels_of

if TYPE_CHECKING:
    import slicer

    from .headers import HeaderSource


def export_obstacle(
    node: slicer.vtkMRMLScalarVolumeNode | None, kind: type[Target], headers: HeaderSource | None = None
) -> str:
    """Why the node cannot be saved as such a thing; empty when nothing is known to be in the way.

    Quick enough to be asked whenever the panel is updated.

    Args:
        node: Chosen by the user.
        kind: `SaveSeries`, `SaveVolume` or `SaveReport`.
        headers: Where the DICOM files of the input are known, if anywhere.
    """
    results = Results.of(node)
    if results is None:
        return "Choose a denoised volume, or denoise one first."
    return (
        _incomplete(results)
        or (_no_source(results, headers) if kind is SaveSeries else "")
        or (_no_input(results) if kind is SaveReport else "")
    )


def _incomplete(results: Results) -> str:
    voxels = voxels_of(results.output)
    if voxels is None:
        return f"“{results.output.GetName()}” holds no image any more; denoise again."
    done, total = len(results.sections), len(voxels)
    return "" if done == total else f"{done} of {total} sections are denoised; denoise all of them first."


def _no_source(results: Results, headers: HeaderSource | None) -> str:
    instead = "save a volume file instead."
    if results.input is None:
        return f"The input was removed from the scene, and a DICOM series is derived from it; {instead}"
    name, uids = f"“{results.input.GetName()}”", instance_uids(results.input)
    if not uids:
        return f"{name} was not loaded from DICOM, so no series can be derived from it; {instead}"
    if headers is None or not headers.file(uids[0]):
        return f"The DICOM files of {name} are not in the DICOM database; import them again, or {instead}"
    return ""


def _no_input(results: Results) -> str:
    before, after = voxels_of(results.input), voxels_of(results.output)
    if before is None or after is None or before.shape != after.shape:
        return "The report compares the result with its input, which was removed from the scene or replaced."
    return ""
