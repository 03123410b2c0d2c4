"""All that decides the figures of the experiment `huber2020`.

From the article: five convolutional layers, patches of 64² pixels, tests on whole pictures of 512², mean squared error
with and without the first three blocks of VGG16, noise inserted into the projections. From the notebook that belongs
to it (RSNA/MagiciansCorner on GitHub): a quarter of the dose, 8000 patches, five pictures for testing. From a published
adaptation of that notebook, where the original was not read: 64 filters of 3×3, Adam at a constant 1e-4, batches of 32,
15 epochs. Everything else is chosen here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...recipe.content import PatchOptions, TrainingOptions
from ..experiment import Scale


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """The simulated scanner.

    Attributes:
        views: Over half a turn; rays are a pixel apart.
        photons: Sent along each ray at full dose: noise of about 12 HU in soft tissue.
        dose_share: Of the photons that the low dose keeps.
        cutoff_per_mm: Where the Hann window ends that apodises the ramp; it is one half at half of that.
    """

    views: int = 576
    photons: float = 1.8e5
    dose_share: float = 0.25
    cutoff_per_mm: float = 0.8


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings at one scale.

    Attributes:
        scanner: Gives pairs of pictures.
        training_sections: Of one chest, evenly spread.
        test_sections: Of the other chest, evenly spread.
        filters: Of each convolution but the last.
        patches: How patches are drawn; the article does not say where from.
        patch_count: How many different patches there are; they are seen in turn.
        steps_per_epoch: Steps between two records of the loss.
        training: How both networks are trained.
        scale_hu: HU that make 1 in the network.
        feature_share: Of the feature loss over the squared error, for low-dose patches before any training. The
            article scales both to the magnitudes that are typical, and does not say how.
        bones: At most so many bones are measured.
        seed: Of weights, patches and noise.
    """

    scanner: Scanner = field(default_factory=Scanner)
    training_sections: int
    test_sections: int
    filters: int = 64
    patches: PatchOptions = field(default_factory=PatchOptions)
    patch_count: int = 8000
    steps_per_epoch: int
    training: TrainingOptions
    scale_hu: float = 100.0
    feature_share: float = 1.0
    bones: int = 16
    seed: int = 3


QUICK = Settings(
    training_sections=8,
    test_sections=2,
    steps_per_epoch=80,
    training=TrainingOptions(epochs=10, batch=16, highest_rate=1e-3, warm_up_steps=30, averaging=0.98, patience=0),
)
PAPER = Settings(
    training_sections=61,
    test_sections=5,
    steps_per_epoch=250,
    training=TrainingOptions(
        epochs=15, batch=32, highest_rate=1e-4, lowest_rate=1e-4, warm_up_steps=0, averaging=0.0, patience=0
    ),
)
SETTINGS = {Scale.QUICK: QUICK, Scale.PAPER: PAPER}
