"""A small examination, and the experiment in its smallest form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from CTDenoiseTrainLib.experiments.experiment import Scale
from CTDenoiseTrainLib.experiments.madhavan2024.experiment import MyelographyExperiment
from CTDenoiseTrainLib.experiments.madhavan2024.settings import Settings
from CTDenoiseTrainLib.recipe.content import PatchOptions, TrainingOptions
from CTDenoiseTrainLib.simulate.kernels import RollOff
from CTDenoiseTrainLib.simulate.spine import SpineExam, SpineScan, simulate_spine_exam

SHARP = RollOff("sharp", half_per_mm=0.9, steepness=2.5)
SCAN = SpineScan(matrix=224, pixel_mm=0.3, sections=8, increment_mm=0.4)


@pytest.fixture(scope="package")
def exam() -> SpineExam:
    """Twice as coarse as the real ones."""
    return simulate_spine_exam(3, SCAN, kernel=SHARP)


@pytest.fixture(scope="package")
def tiny() -> Settings:
    """Two patients of few sections train a network of two levels for some steps."""
    return Settings(
        sharp=SHARP,
        smooth=RollOff("smooth", half_per_mm=0.55, steepness=2.5),
        training_scan=replace(SCAN, matrix=144, sections=5),
        patients=2,
        network={"context": 1, "width": 4, "levels": 2},
        patches=PatchOptions(side=32),
        training=TrainingOptions(epochs=2, batch=4, warm_up_steps=2, validation_sections=1),
        steps_per_epoch=6,
        test_scan=SCAN,
        test_patients=1,
        bundled=("not-there",),
    )


@pytest.fixture
def tiny_experiment(tiny: Settings) -> MyelographyExperiment:
    """The whole experiment with the settings of `tiny`."""

    class Tiny(MyelographyExperiment):
        def configuration(self, scale: Scale) -> Settings:
            return tiny

    return Tiny()
