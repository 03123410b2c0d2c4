"""The simulated patients that train: filtered back-projection and iterative reconstruction of each, and noise maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.volume import Acquisition, Geometry, Volume

from ...noise.leakage import Leakage, anatomy_leakage
from ...noise.noise_map import NoiseMap
from ...noise.reconstruction_difference import reconstruction_noise
from ...simulate.iterative import NoiseOfImages, iterative_reconstruction
from ...simulate.spine import SpineExam, SpineScan, simulate_spine_exam
from ..workbench import Workbench
from .settings import Settings

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TrainingPatient:
    """Two reconstructions of a patient's scan.

    Attributes:
        name: For messages.
        filtered: Filtered back-projection, 0.2/0.2 mm.
        iterative: Iterative reconstruction with the same kernel and sections.
    """

    name: str
    filtered: Volume
    iterative: Volume

    @property
    def noise_map(self) -> NoiseMap:
        """Filtered back-projection − iterative reconstruction."""
        return reconstruction_noise(self.filtered, self.iterative)

    def leakage(self) -> Leakage:
        """How much anatomy hides in the noise map."""
        return anatomy_leakage(self.noise_map, self.iterative.hu)


def training_patients(bench: Workbench, settings: Settings) -> Iterator[TrainingPatient]:
    """Each patient, simulated now if that was not done yet."""
    for number in range(settings.patients):
        found = bench.arrays(f"patient-{number + 1}", partial(_simulated, settings, number))
        yield TrainingPatient(
            f"patient {number + 1}",
            _volume(found["filtered"], settings.training_scan, "FBP"),
            _volume(found["iterative"], settings.training_scan, "iterative"),
        )


def iterative_of(exam: SpineExam, images: Floats, scan: SpineScan, settings: Settings) -> Floats:
    """Iterative reconstruction of an examination's images, which know their own noise from uniform muscle."""
    noise = NoiseOfImages(
        kernel=settings.sharp,
        pixel_mm=scan.pixel_mm,
        noise_hu=float(images[:, exam.muscle].std()),
        section_correlation=scan.section_correlation,
    )
    return iterative_reconstruction(images, noise, strength=settings.strength, edge_noises=settings.edge_noises)


def _simulated(settings: Settings, number: int) -> dict[str, NDArray[Any]]:
    scan = settings.training_scan
    exam = simulate_spine_exam(settings.training_seed(number), scan, kernel=settings.sharp)
    return {"filtered": exam.noisy, "iterative": iterative_of(exam, exam.noisy, scan, settings)}


def _volume(hu: Floats, scan: SpineScan, reconstruction: str) -> Volume:
    return Volume(
        np.asarray(hu, dtype=np.float32),
        Geometry(spacing=(scan.increment_mm, scan.pixel_mm, scan.pixel_mm)),
        Acquisition(
            description="simulated CT myelogram",
            modality="CT",
            section_thickness=scan.increment_mm,
            reconstruction=reconstruction,
        ),
    )
