"""The job of denoising: the noise of each section goes into a file, and the client subtracts it at any strength."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from ..inference import DenoisedSection, Denoiser, DenoisingRun
from ..inference.calibration import remember_run
from .fed_volume import FedVolume, OrderChangedError
from .job_desk import JobDesk
from .messages import Denoise, DenoiseDone, SectionDone
from .section_file import SectionFile, SectionFileError

_RANGE = np.iinfo(np.int16)


def run(request: Denoise, desk: JobDesk) -> DenoiseDone:
    """Denoise what is asked for.

    Raises:
        Cancelled: The client has asked to end it.
        SectionFileError: A file is missing or not what the request says.
        DenoiseRequestError: The order names no section, one twice, or one that is not there.
        MismatchError: The volume is of another modality than the model is made for.
        NotFiniteError: A section holds NaN or infinity.
        NotEnoughMemoryError: Not even the smallest tiles fit into memory.
        OSError: The disk is full or fails.
    """
    assert desk.denoiser is not None, "the server refuses the job without a model"
    with closing(FedVolume(request, desk)) as volume, closing(_noise_file(request)) as noise_file:
        return _denoise(request, desk, desk.denoiser, volume, noise_file)


def _noise_file(request: Denoise) -> SectionFile:
    file = SectionFile(request.noise, writable=True)
    if file.shape != request.shape or file.sections.dtype != np.int16:
        raise SectionFileError(f"The noise file is not int16 of the shape {request.shape}.")
    return file


def _denoise(
    request: Denoise, desk: JobDesk, denoiser: Denoiser, volume: FedVolume, noise_file: SectionFile
) -> DenoiseDone:
    with closing(denoiser.sections(volume, order=request.order, cancelled=lambda: desk.cancelled)) as sections:
        clipped = _write_noise(sections, request, desk, volume, noise_file)
    statistics = sections.statistics
    remember_run(denoiser, shape=request.shape, figures=statistics)
    return DenoiseDone(
        desk.job,
        sections=statistics.sections,
        seconds=desk.seconds,
        passed_through=statistics.passed_through,
        clipped=clipped,
        batch_size=statistics.batch_size,
        tiles=statistics.tiles,
    )


def _write_noise(
    sections: DenoisingRun, request: Denoise, desk: JobDesk, volume: FedVolume, noise_file: SectionFile
) -> int:
    """Write all sections of a run and tell of them; returns how many voxels had to be clipped."""
    # The user waits for the first one with nothing to look at yet.
    sections.prioritise(request.order[:1])
    clipped = notes_told = 0
    for section in _as_prioritised(sections, volume, desk):
        steps, outside = _in_steps(section.noise, request.noise_step_hu)
        clipped += outside
        noise_file.write(section.index, steps)
        desk.send(SectionDone(desk.job, section.index, section.passed_through))
        statistics = sections.statistics
        for note in statistics.notes[notes_told:]:
            desk.note(note)
        notes_told = len(statistics.notes)
        desk.progress(statistics.sections, len(request.order))
    return clipped


def _as_prioritised(sections: DenoisingRun, volume: FedVolume, desk: JobDesk) -> Iterator[DenoisedSection]:
    """The sections of a run, those first that the client wants to see."""
    while True:
        for message in desk.messages():
            volume.take(message)
        for urgent in volume.urgent:
            sections.prioritise(urgent)
        volume.urgent.clear()
        try:
            section = next(sections, None)
        except OrderChangedError:
            continue
        if section is None:
            return
        yield section


def _in_steps(noise_hu: NDArray[np.float32], step_hu: float) -> tuple[NDArray[np.int16], int]:
    """Noise in whole steps, and how many voxels had to be clipped to what the file can hold."""
    steps = noise_hu / np.float32(step_hu)
    np.rint(steps, out=steps)
    outside = 0
    if steps.min() < _RANGE.min or steps.max() > _RANGE.max:
        outside = int(np.count_nonzero((steps < _RANGE.min) | (steps > _RANGE.max)))
        np.clip(steps, _RANGE.min, _RANGE.max, out=steps)
    return steps.astype(np.int16), outside
