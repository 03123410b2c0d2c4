"""What must be done in the scene's process before the worker can write: copy voxels to files, and look up DICOM files.

Everything happens in steps of one section or one file name, so that the views stay alive.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from CTDenoiseLib.dicom.derivation import Derivation
from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.measure.sampling import sampled_sections
from CTDenoiseLib.worker.export_messages import Voxels, WriteReport, WriteSeries, WriteVolume

from .drawn_figures import FoundDrawn, drawn_figures
from .export_target import SaveReport, SaveSeries, SaveVolume, Target
from .headers import instance_uids
from .input_sections import InputSections
from .job_session import Preparation
from .match_gate import read_verdict
from .node_geometry import node_geometry
from .result_version import result_version
from .section_copy import copy_pair, copy_sections, new_file
from .volume_facts import volume_facts
from .voxels import voxels_of

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.worker.message_base import JobRequest
    from CTDenoiseLib.worker.workplace import Workplace

    from .headers import HeaderSource
    from .results import Results


class ExportError(CTDenoiseError):
    """The result cannot be saved."""


@dataclass(frozen=True)
class Material:
    """What a result is saved from.

    Attributes:
        results: Its nodes.
        headers: Where the DICOM files of the input are known, if anywhere.
        workplace: Where copies of voxels go.
    """

    results: Results
    headers: HeaderSource | None
    workplace: Workplace


def prepare(target: Target, material: Material) -> Preparation:
    """Copy what the worker needs.

    Raises:
        CTDenoiseError: While iterating: nodes or files are gone, the result changes meanwhile, or the disk is full.
    """
    before = result_version(material.results)
    if isinstance(target, SaveSeries):
        request: JobRequest = yield from _prepare_series(target, material)
    elif isinstance(target, SaveVolume):
        request = yield from _prepare_volume(target, material)
    else:
        request = yield from _prepare_report(target, material)
    if result_version(material.results) != before:
        raise ExportError("The result was changed while it was being saved, so nothing was written; save it again.")
    return request


def _prepare_series(target: SaveSeries, material: Material) -> Preparation:
    results = material.results
    files = yield from _source_files(material)
    if target.kind == "residual":
        if voxels_of(results.noise) is None:
            raise ExportError("The noise was removed from the scene, so what was subtracted cannot be saved any more.")
        step = results.provenance.noise_step_hu * results.strength
        voxels = yield from _copy_volume(results.noise, step, material)
    else:
        voxels = yield from _copy_volume(results.output, 1.0, material)
    return WriteSeries(
        voxels=voxels,
        source_files=files,
        derivation=_derivation(results, target.kind),
        folder=str(target.folder),
        compression=target.compression,
        keep_private=target.keep_private,
        overwrite=target.overwrite,
    )


def _prepare_volume(target: SaveVolume, material: Material) -> Preparation:
    voxels = yield from _copy_volume(material.results.output, 1.0, material)
    return WriteVolume(voxels=voxels, path=str(target.path), overwrite=target.overwrite)


def _prepare_report(target: SaveReport, material: Material) -> Preparation:
    results = material.results
    if results.input is None:
        raise ExportError("The input was removed from the scene; the report compares the result with it.")
    found = yield from _still(drawn_figures(results, material.headers))
    facts = volume_facts(results.input, material.headers)
    sections = set(sampled_sections(facts.sections))
    if found.drawn.section is not None:
        sections.add(found.drawn.section)
    pair = yield from copy_pair(results, sorted(sections), material.workplace, material.headers)
    verdict = read_verdict(results.output)
    objections = () if verdict is None else tuple(reason.sentence for reason in verdict.objections)
    return WriteReport(
        pair=pair,
        source=facts.sentence,
        derivation=_derivation(results, "denoised"),
        device=results.provenance.device,
        drawn=found.drawn,
        notes=objections + found.problems,
        path=str(target.path),
        overwrite=target.overwrite,
    )


def _still(steps: Generator[None, None, FoundDrawn]) -> Generator[float, None, FoundDrawn]:
    """Steps that are not worth to be counted."""
    while True:
        try:
            next(steps)
        except StopIteration as finished:
            found: FoundDrawn = finished.value
            return found
        yield 0.0


def _derivation(results: Results, kind: Literal["denoised", "residual"]) -> Derivation:
    made = results.provenance
    return Derivation(
        model=made.model,
        model_version=made.version,
        weights_sha256=made.weights_sha256,
        strength=results.strength,
        context=made.context,
        device=made.device_name,
        precision=made.precision,
        kind=kind,
    )


def _source_files(material: Material) -> Generator[float, None, tuple[str, ...]]:
    """The DICOM files of the input, looked up one at a time: the database is asked on disk."""
    uids = () if material.results.input is None else instance_uids(material.results.input)
    files = []
    for uid in uids:
        files.append("" if material.headers is None else material.headers.file(uid))
        yield 0.0
    missing = files.count("")
    if missing or not files:
        raise ExportError(
            f"{missing} of {len(files)} DICOM files of the input are not in the DICOM database any more; import them "
            "again, or save a volume file instead."
        )
    # An enhanced image is one file for many sections.
    return tuple(dict.fromkeys(files))


def _copy_volume(
    node: slicer.vtkMRMLScalarVolumeNode, step_hu: float, material: Material
) -> Generator[float, None, Voxels]:
    source = InputSections(node)
    path = new_file(source, source.shape[0], material.workplace, "values")
    yield from copy_sections(source, range(source.shape[0]), path)
    return Voxels(file=str(path), step_hu=step_hu, geometry=node_geometry(node))
