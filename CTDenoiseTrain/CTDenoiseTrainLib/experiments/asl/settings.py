"""All that decides the figures of the experiment `asl`.

Perfusion is in ml/100 g/min throughout. Fields of the training that are named after HU hold it, too: `scale_hu`,
`noise_hu`.

Of the paper only its abstract and a news text were read (doi 10.1148/radiol.2017171154). From the abstract: the truth
is the mean of six or seven pair-wise subtractions, the input two or three of them; 114 patients with various diseases
in cross-validation (and seven healthy subjects, left out here); 26 separate patients with stroke. Everything else is
chosen here.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...recipe.content import TrainingOptions
from ..experiment import Scale


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Who is scanned; ranges are drawn from evenly for each subject.

    Attributes:
        subjects: How many.
        seed: Of all their chance.
        grey_perfusion: Of grey matter in ml/100 g/min; Alsop et al. (2015) expect 40 to 100 in adults.
        white_share: Perfusion of white over that of grey matter.
        ventricles: Size of the ventricles over that of a young adult.
        reduced_share: Share of subjects with a region of reduced perfusion.
        raised_share: Share of the others with a region of raised perfusion, as of a tumour.
        perfusion_left: Share of perfusion in a reduced region.
        noise: SD of the thermal noise of one subtraction in ml/100 g/min.
        motion_mm: SD of the shift from pair to pair along y and x in mm; turns have as many degrees.
        outlier_share: Share of pairs that are spoilt, by a jerk between label and control or a label that failed.
    """

    subjects: int
    seed: int
    grey_perfusion: tuple[float, float]
    white_share: tuple[float, float] = (0.28, 0.40)
    ventricles: tuple[float, float]
    reduced_share: float
    raised_share: float
    perfusion_left: tuple[float, float]
    noise: tuple[float, float] = (14.0, 34.0)
    motion_mm: tuple[float, float]
    outlier_share: float


@dataclass(frozen=True, kw_only=True)
class Labelling:
    """How pairs of label and control are taken.

    Attributes:
        matrix: Rows and columns.
        pixel_mm: Side of a pixel.
        sections: Of each subject, from the level of the ventricles upwards.
        pairs: Pairs in all.
        background: Share of the static signal that background suppression leaves.
        static_fluctuation: SD of that signal from image to image, as a share, smooth over the section.
        perfusion_fluctuation: SD of the perfusion from pair to pair, as a share.
    """

    matrix: int = 80
    pixel_mm: float = 2.4
    sections: int
    pairs: int = 6
    background: float = 0.05
    static_fluctuation: float = 0.01
    perfusion_fluctuation: float = 0.08


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings at one scale.

    Attributes:
        patients: Who the networks learn from and are tested on, in turns.
        strokes: The separate cohort, which no network learns from.
        labelling: How all of them are scanned.
        averaged: Numbers of pairs that make an input; a network is trained for each.
        folds: Parts of the patients; each part is tested by a network that learnt from the others.
        width: Filters of the U-Net at its finest level.
        side: Rows and columns of a patch.
        scale: Perfusion in ml/100 g/min that makes 1 in the network.
        steps_per_epoch: Steps between two records of the loss.
        training: How the networks are trained.
        seed: Of the weights and patches.
    """

    patients: Cohort
    strokes: Cohort
    labelling: Labelling
    averaged: tuple[int, ...] = (2, 3)
    folds: int
    width: int
    side: int = 64
    scale: float = 20.0
    steps_per_epoch: int
    training: TrainingOptions
    seed: int = 7


def patients(subjects: int) -> Cohort:
    """Patients with various diseases, most of whom have nothing that changes perfusion in a region."""
    return Cohort(
        subjects=subjects,
        seed=11,
        grey_perfusion=(42.0, 75.0),
        ventricles=(0.8, 1.4),
        reduced_share=0.35,
        raised_share=0.3,
        perfusion_left=(0.25, 0.8),
        motion_mm=(0.1, 0.5),
        outlier_share=0.05,
    )


def strokes(subjects: int) -> Cohort:
    """Patients after a stroke: older, less perfused and less still, each with a region of much reduced perfusion."""
    return Cohort(
        subjects=subjects,
        seed=13,
        grey_perfusion=(36.0, 60.0),
        ventricles=(1.1, 2.0),
        reduced_share=1.0,
        raised_share=0.0,
        perfusion_left=(0.05, 0.45),
        motion_mm=(0.2, 0.8),
        outlier_share=0.1,
    )


QUICK = Settings(
    patients=patients(40),
    strokes=strokes(12),
    labelling=Labelling(sections=5),
    folds=2,
    width=8,
    steps_per_epoch=50,
    training=TrainingOptions(epochs=10, batch=16, highest_rate=2e-3, warm_up_steps=30, averaging=0.98, patience=0),
)
PAPER = Settings(
    patients=patients(114),
    strokes=strokes(26),
    labelling=Labelling(sections=16),
    folds=3,
    width=32,
    steps_per_epoch=500,
    training=TrainingOptions(epochs=60, batch=32, patience=0),
)
SETTINGS = {Scale.QUICK: QUICK, Scale.PAPER: PAPER}
