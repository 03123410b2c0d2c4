"""Everything that decides the figures of the experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...recipe.content import PatchOptions, TrainingOptions
from ...simulate.kernels import SHARP_QUANTITATIVE, SMOOTH, ReconstructionKernel
from ...simulate.spine import SpineScan


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Of the whole experiment.

    Attributes:
        sharp: Kernel of the images to denoise.
        smooth: Kernel of the images that they are compared with.
        training_scan: Scans of the patients that train and validate.
        patients: How many of them.
        validation_share: Share of their sections that is held out, rounded to whole patients.
        strength: Of the iterative reconstruction, see `iterative_reconstruction`.
        edge_noises: The same.
        target_sections: Adjacent iterative sections of 0.2 mm that are averaged to a target.
        network: Keyword arguments of the HR-CNN.
        patches: How patches are drawn; the paper gives the shift of 15 pixels, and that noise is scaled.
        training: How the network is trained.
        steps_per_epoch: Steps between two validations.
        scale_hu: HU that make 1 in the network.
        test_scan: Scans of the unseen patients.
        test_patients: How many of them.
        bundled: Models of the store to measure beside, where they are there.
        seed: Of patients, noise, weights and patches.
    """

    sharp: ReconstructionKernel = SHARP_QUANTITATIVE
    smooth: ReconstructionKernel = SMOOTH
    training_scan: SpineScan = field(default_factory=lambda: SpineScan(matrix=352, sections=16))
    patients: int = 4
    validation_share: float = 0.1
    strength: float = 0.3
    edge_noises: float = 3.0
    target_sections: int = 2
    network: Mapping[str, Any] = field(default_factory=lambda: {"context": 3, "width": 16, "levels": 6})
    patches: PatchOptions = field(default_factory=PatchOptions)
    training: TrainingOptions = field(default_factory=lambda: TrainingOptions(epochs=8, validation_sections=2))
    steps_per_epoch: int = 300
    scale_hu: float = 100.0
    test_scan: SpineScan = field(default_factory=lambda: SpineScan(matrix=448, sections=16))
    test_patients: int = 2
    bundled: tuple[str, ...] = ("hrcnn-small", "hrcnn-uhr")
    seed: int = 2024

    @property
    def context(self) -> int:
        """Adjacent sections on each side that the network sees."""
        return int(self.network["context"])

    def training_seed(self, patient: int) -> int:
        """Of the simulation of a patient, counted from 0."""
        return self.seed + patient

    def test_seed(self, patient: int) -> int:
        """Of the simulation of an unseen patient, counted from 0."""
        return self.seed + 1000 + patient


QUICK = Settings()
PAPER = Settings(
    # 7 patients with 11,115 images; a stack of the simulation is no longer than its anatomy drifts plausibly.
    training_scan=SpineScan(matrix=512, sections=240),
    patients=7,
    network={"context": 3, "width": 64, "levels": 6},
    training=TrainingOptions(epochs=200, patience=0),
    # As many pairs an epoch as the paper has images that train.
    steps_per_epoch=625,
    test_scan=SpineScan(matrix=512, sections=48),
    test_patients=12,
)
