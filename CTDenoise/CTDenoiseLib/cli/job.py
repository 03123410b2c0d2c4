"""One run: read, denoise, measure, write, report. Output appears at the end, all of it or none.

The network sets the pace: the first sections are denoised while the others are still being decoded, and measured and
written while the next ones are denoised.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ..dicom.derivation import Derivation
from ..measure.noise.uniform_region import UniformRegion
from ..measure.sampling import evenly_spread
from .loading import denoiser_for
from .measurements import Measurements
from .outputs import OutputFiles, Written, outputs_in_the_making
from .progress import RunProgress
from .request import RunRequest
from .source import InputVolume, find_source
from .stopwatch import Stopwatch
from .summary import RunSummary

if TYPE_CHECKING:
    from ..inference import Denoiser, DenoiseStatistics
    from ..models import ModelCard


def denoise_files(request: RunRequest, progress: RunProgress) -> RunSummary:
    """Do what was asked for.

    Raises:
        CTDenoiseError: Something is wrong with paths, input, model or device; nothing was written.
    """
    start = time.perf_counter()
    with outputs_in_the_making(request) as places, denoiser_for(request) as loaded:
        progress.step("Searching")
        source = find_source(request)
        progress.step("Loading the model")
        with source.reading() as volume:
            denoiser = loaded()
            to_report = () if places.report is None else evenly_spread(volume.shape[0])
            measurements = Measurements(volume, keep=to_report)
            derivation = _derivation(denoiser, request.strength)
            progress.step("Denoising", total=volume.shape[0])
            _expect(progress, denoiser, volume.shape)
            with closing(
                denoiser.sections(volume, strength=request.strength, on_progress=progress.advance)
            ) as sections:
                waiting = Stopwatch(sections)
                written = OutputFiles(request, source, volume, derivation, places).write(waiting, measurements)
            effect = measurements.effect()
        _remember(denoiser, volume.shape, sections.statistics)
        summary = RunSummary(
            request=request,
            source=source,
            label=source.label(volume),
            derivation=derivation,
            backend=denoiser.backend,
            computed=denoiser.execution.description,
            statistics=sections.statistics,
            seconds=time.perf_counter() - start,
            network_seconds=waiting.seconds,
            shape=volume.shape,
            effect=effect,
            series_uid=written.series_uid,
            clipped_voxels=written.clipped_voxels,
            notes=tuple(_notes(denoiser.card, volume, effect.region, written)) + sections.statistics.notes,
        )
        if places.report is not None:
            _report(summary, volume, measurements, places.report, progress)
        return summary


def _expect(progress: RunProgress, denoiser: Denoiser, shape: tuple[int, int, int]) -> None:
    """Tell how long it will take, if this machine was measured before: a second more would be of no use here."""
    from ..inference.calibration import known_pace
    from ..inference.cost import expected

    pace = known_pace(denoiser)
    if pace is not None:
        progress.expect(expected(denoiser, shape=shape, pace=pace).seconds)


def _remember(denoiser: Denoiser, shape: tuple[int, int, int], figures: DenoiseStatistics) -> None:
    from ..inference.calibration import remember_run

    remember_run(denoiser, shape=shape, figures=figures)


def _report(
    summary: RunSummary, volume: InputVolume, measurements: Measurements, place: Path, progress: RunProgress
) -> None:
    # What draws takes a second to come, and most runs need no drawing.
    from ..report.compose import Subject, compose_report
    from ..report.page import write_report

    progress.step("Measuring for the report")
    subject = Subject(source=summary.label, facts=summary.provenance(), notes=summary.notes)
    content = compose_report(volume, measurements.kept_volume(), subject, on_progress=progress.count)
    progress.step("Drawing the report")
    write_report(content, place)


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


def _notes(card: ModelCard, volume: InputVolume, region: UniformRegion | None, written: Written) -> Iterator[str]:
    """What to know before trusting the result."""
    from ..inference import match_notes

    yield from match_notes(card, volume, noise_hu=None if region is None else region.noise_hu)
    if volume.shape[0] < 2 * card.context + 1:
        yield (
            f"The model looks at {2 * card.context + 1} sections and there are {volume.shape[0]}; the outer ones were "
            "repeated."
        )
    if written.clipped_voxels:
        yield f"{written.clipped_voxels} voxels did not fit into 16 bits and were set to the nearest value that does."
