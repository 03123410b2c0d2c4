"""Pairs of label and control, and their subtractions: noise, motion, and pairs that went wrong.

Signals are given in units of perfusion, ml/100 g/min, by the equation of Alsop et al. (Magn Reson Med 2015;73:102):
the perfusion that a subtraction of a given share of the proton density signal stands for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, spline_filter

from .brain import Brain, Floats, smooth_field
from .settings import Labelling

# Alsop et al. (2015) for pseudo-continuous labelling at 3 T; times in s.
_DELAY_S, _LABEL_S, _BLOOD_T1_S, _EFFICIENCY, _PARTITION = 1.8, 1.8, 1.65, 0.85, 0.9
PERFUSION_OF_FULL_SIGNAL = (
    6000 * _PARTITION * math.exp(_DELAY_S / _BLOOD_T1_S)
    / (2 * _EFFICIENCY * _BLOOD_T1_S * (1 - math.exp(-_LABEL_S / _BLOOD_T1_S)))
)  # fmt: skip
"""Perfusion in ml/100 g/min of which the subtraction would be as strong as the proton density signal: about 8600."""

_WATER = {"grey": 0.82, "white": 0.72, "fluid": 1.0}
_FLUCTUATION_MM = 9.0
# Of the motion from pair to pair, what happens between label and control; more in a jerk.
_WITHIN_PAIR, _JERK = 0.4, 8.0


@dataclass(frozen=True)
class ScanConditions:
    """What makes one subject's scan better or worse; see `Cohort`."""

    noise: float
    motion_mm: float
    outlier_share: float


def static_signal(brain: Brain, labelling: Labelling) -> Floats:
    """What background suppression leaves of the tissue's own signal, in units of perfusion, shape (y, x)."""
    water = _WATER["grey"] * brain.grey + _WATER["white"] * brain.white + _WATER["fluid"] * brain.fluid
    return np.asarray(labelling.background * PERFUSION_OF_FULL_SIGNAL * water, dtype=np.float32)


def draw_subtractions(
    static: Floats, perfusion: Floats, *, labelling: Labelling, conditions: ScanConditions, rng: np.random.Generator
) -> Floats:
    """Control less label of each pair of a section.

    Args:
        static: Signal that label and control share, shape (y, x).
        perfusion: True perfusion, shape (y, x).
        labelling: How pairs are taken.
        conditions: Of this subject.
        rng: Of all that chance decides.

    Returns:
        Subtractions in ml/100 g/min, shape (pairs, y, x).
    """
    still = _Movable.of(static, labelling.pixel_mm), _Movable.of(perfusion, labelling.pixel_mm)
    pairs = [_one_pair(*still, labelling, conditions, rng) for _ in range(labelling.pairs)]
    return np.stack(pairs)


@dataclass(frozen=True)
class _Pose:
    """A rigid position: shift along y and x in mm, and turn in degrees."""

    values: NDArray[np.float64]

    @classmethod
    def draw(cls, sd: float, rng: np.random.Generator) -> _Pose:
        return cls(sd * rng.standard_normal(3))

    def __add__(self, other: _Pose) -> _Pose:
        return _Pose(self.values + other.values)


@dataclass(frozen=True)
class _Movable:
    """A picture that can be read at any position; its spline is made once."""

    spline: NDArray[np.float64]
    pixel_mm: float

    @classmethod
    def of(cls, picture: Floats, pixel_mm: float) -> _Movable:
        return cls(spline_filter(picture.astype(np.float64)), pixel_mm)

    def at(self, pose: _Pose) -> Floats:
        y, x, turn = pose.values
        cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        matrix = np.array([[cosine, -sine], [sine, cosine]])
        middle = (np.array(self.spline.shape) - 1) / 2
        offset = middle - matrix @ (middle + np.array([y, x]) / self.pixel_mm)
        return np.asarray(affine_transform(self.spline, matrix, offset, prefilter=False), dtype=np.float32)


def _one_pair(
    static: _Movable, perfusion: _Movable, labelling: Labelling, conditions: ScanConditions, rng: np.random.Generator
) -> Floats:
    spoilt = rng.random() < conditions.outlier_share
    jerk, failed = spoilt and rng.random() < 0.5, rng.random()
    shape = static.spline.shape
    control = _Pose.draw(conditions.motion_mm, rng)
    label = control + _Pose.draw(conditions.motion_mm * _WITHIN_PAIR * (_JERK if jerk else 1), rng)
    flowing = 1 + labelling.perfusion_fluctuation * rng.standard_normal()
    if spoilt and not jerk:
        flowing *= 0.5 * failed

    def of_tissue(pose: _Pose) -> Floats:
        fluctuation = smooth_field(shape, _FLUCTUATION_MM / labelling.pixel_mm, rng)
        return np.asarray(static.at(pose) * (1 + labelling.static_fluctuation * fluctuation))

    difference = of_tissue(control) - of_tissue(label) + flowing * perfusion.at(label)
    return np.asarray(difference + conditions.noise * rng.standard_normal(shape), dtype=np.float32)
