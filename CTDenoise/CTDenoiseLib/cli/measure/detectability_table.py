"""Detectability of discs in images whose transfer function is known, from noise in uniform boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...measure.errors import MeasurementError
from ...measure.image import MeasuredImage
from ...measure.measured import Measured
from ...measure.noise.nps import NoisePowerSpectrum
from ...measure.noise.nps_regions import square_regions
from ...measure.resolution.detectability import detectability
from ...measure.resolution.ttf import TaskTransferFunction
from ...measure.result_table import Cell, Column, ResultTable
from .tasks import Tasks

# Transfer functions change little within such a factor of contrast.
_SAME_CONTRAST = 3.0


def detectability_table(
    transfers: Mapping[tuple[str, str], TaskTransferFunction], images: Sequence[MeasuredImage], tasks: Tasks
) -> tuple[ResultTable, list[str]]:
    """One row for each edge, image and task, and sentences on what is missing or to be taken with care.

    Args:
        transfers: Transfer functions by edge and image.
        images: The images; each is read in squares of its own voxels.
        tasks: What is to be detected, and where to take the noise from.
    """
    remarks: list[str] = []
    spectra: dict[str, NoisePowerSpectrum] = {}
    for image in images:
        try:
            spectra[image.name] = square_regions(tasks.noise_boxes, image).spectrum(image)
            remarks += [f"Noise of {image.name}: {warning}" for warning in spectra[image.name].warnings]
        except MeasurementError as problem:
            remarks.append(f"Noise of {image.name}: {problem}")
    usable = {place: ttf for place, ttf in transfers.items() if isinstance(ttf.f50, Measured) and place[1] in spectra}
    rows: list[tuple[Cell, ...]] = []
    for edge in dict.fromkeys(edge for edge, _ in usable):
        for task in tasks.discs:
            for (_, image_name), ttf in ((place, ttf) for place, ttf in usable.items() if place[0] == edge):
                noise = spectra[image_name]
                index = detectability(ttf, noise, task, viewing=tasks.viewing).index
                rows.append((edge, task.diameter_mm, task.contrast_hu, image_name, index, noise.noise))
    remarks += _of_other_contrast(usable, tasks)
    columns = (
        Column("edge", "TTF of"),
        Column("diameter", "Disc", "mm"),
        Column("task_contrast", "Contrast", "HU"),
        Column("image", "Image"),
        Column("index", "d′"),
        Column("noise", "Noise", "HU"),
    )
    return ResultTable("Detectability index d′", columns, tuple(rows)), remarks


def _of_other_contrast(transfers: Mapping[tuple[str, str], TaskTransferFunction], tasks: Tasks) -> list[str]:
    """Transfer functions that were measured at another contrast than that of a task."""
    lowest = min(abs(task.contrast_hu) for task in tasks.discs)
    edges = {edge: abs(ttf.contrast_hu) for (edge, _), ttf in transfers.items()}
    far = [f"{edge} ({contrast:.0f} HU)" for edge, contrast in edges.items() if contrast > _SAME_CONTRAST * lowest]
    if not far:
        return []
    return [
        f"The transfer function of {', '.join(far)} is taken for a disc of {lowest:g} HU. Iterative and learned "
        "methods blur weak contrasts more than strong ones; their d′ is then too high."
    ]
