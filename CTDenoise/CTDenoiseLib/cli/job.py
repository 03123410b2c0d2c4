"""One run: read, denoise, measure, write, report. Output appears at the end, all of it or none."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ..dicom.derivation import Derivation
from ..inference import Backend, Denoiser, match_notes
from ..measure.noise.uniform_region import UniformRegion, find_uniform_region
from ..measure.sampling import evenly_spread
from ..models import ModelCard, ModelStore
from ..report.compose import Subject, compose_report
from ..report.page import write_report
from ..volume import Volume
from .measurements import Measurements
from .outputs import OutputFiles, Written, outputs_in_the_making
from .progress import RunProgress
from .request import RunRequest
from .source import find_source
from .summary import RunSummary


def denoise_files(request: RunRequest, progress: RunProgress) -> RunSummary:
    """Do what was asked for.

    Raises:
        CTDenoiseError: Something is wrong with paths, input, model or device; nothing was written.
    """
    start = time.perf_counter()
    store = ModelStore.default()
    name = request.model or store.default_model
    store.card(name)
    with outputs_in_the_making(request) as places:
        progress.step("Searching")
        source = find_source(request)
        progress.step("Loading the model")
        denoiser = Denoiser(store.load(name), Backend.choose(request.backend, request.precision))
        progress.step("Reading")
        volume = source.read()
        progress.step("Measuring")
        region = find_uniform_region(volume)
        to_report = () if places.report is None else evenly_spread(volume.shape[0])
        measurements = Measurements(volume, region, keep=to_report)
        derivation = _derivation(denoiser, request.strength)

        progress.step("Denoising", total=volume.shape[0])
        sections = denoiser.sections(volume, strength=request.strength, on_progress=progress.advance)
        written = OutputFiles(request, source, volume, derivation, places).write(sections, measurements)
        summary = RunSummary(
            request=request,
            source=source,
            label=source.label(volume),
            derivation=derivation,
            backend=denoiser.backend,
            statistics=sections.statistics,
            seconds=time.perf_counter() - start,
            voxels=volume.hu.size,
            effect=measurements.effect(),
            series_uid=written.series_uid,
            clipped_voxels=written.clipped_voxels,
            notes=tuple(_notes(denoiser.card, volume, region, written)) + sections.statistics.notes,
        )
        if places.report is not None:
            progress.step("Measuring for the report")
            subject = Subject(source=summary.label, facts=summary.provenance(), notes=summary.notes)
            content = compose_report(volume, measurements.kept_volume(), subject, on_progress=progress.count)
            progress.step("Drawing the report")
            write_report(content, places.report)
        return summary


def _derivation(denoiser: Denoiser, strength: float) -> Derivation:
    card, backend = denoiser.card, denoiser.backend
    return Derivation(
        model=card.name,
        model_version=card.version,
        weights_sha256=card.weights.sha256,
        strength=strength,
        context=card.context,
        device=backend.device_name,
        precision=backend.precision,
        kind="denoised",
    )


def _notes(card: ModelCard, volume: Volume, region: UniformRegion | None, written: Written) -> Iterator[str]:
    """What to know before trusting the result."""
    yield from match_notes(card, volume, noise_hu=None if region is None else region.noise_hu)
    if volume.shape[0] < 2 * card.context + 1:
        yield (
            f"The model looks at {2 * card.context + 1} sections and there are {volume.shape[0]}; the outer ones were "
            "repeated."
        )
    if written.clipped_voxels:
        yield f"{written.clipped_voxels} voxels did not fit into 16 bits and were set to the nearest value that does."
