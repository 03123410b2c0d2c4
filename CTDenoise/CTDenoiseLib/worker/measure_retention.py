"""Job: insert small vessels into one section of an input, denoise it with the loaded model, and see what is left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..measure.small_vessels.retention import VesselTest, retention_map
from ..volume import Geometry, Volume
from .job_desk import JobDesk
from .measure_messages import MeasureRetention, RetentionMeasured
from .sample import WatchedVolume


def run(request: MeasureRetention, desk: JobDesk) -> RetentionMeasured:
    """Measure the retention.

    Raises:
        SectionFileError: The file is missing or not what it should be.
        NoPlaceForVesselsError: The section has too little uniform tissue.
        NotEnoughMemoryError: Not even the smallest tiles fit into memory.
        Cancelled: The client has asked to end the job.
    """
    denoiser = desk.denoiser
    assert denoiser is not None, "the server refuses the job without a model"
    context = denoiser.card.context

    def denoise(window: NDArray[np.float32]) -> NDArray[np.float32]:
        volume = Volume(np.ascontiguousarray(window), Geometry(spacing=request.sample.spacing))
        (section,) = denoiser.sections(
            volume, strength=request.strength, order=(context,), cancelled=lambda: desk.cancelled
        )
        return section.output

    found = retention_map(
        denoise,
        WatchedVolume(request.sample, desk),
        context=context,
        test=VesselTest(section=request.section),
        on_progress=desk.progress,
    )
    return RetentionMeasured(desk.job, found.cells, found.section, found.blur, found.noise_hu)
