"""The images of a cohort: subtractions of every subject and section, with the truth beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_gradient_magnitude

from .labelling import ScanConditions, draw_subtractions, static_signal
from .settings import Cohort, Labelling
from .subject import draw_subject

_EDGE_SHARE = 0.15


@dataclass(frozen=True)
class CohortImages:
    """Images of a cohort; perfusion in ml/100 g/min.

    Attributes:
        subtractions: Shape (subjects, sections, pairs, y, x).
        perfusion: The truth, shape (subjects, sections, y, x).
        inside: Pixels within the skull, same shape.
        changed: Those where a disease changes perfusion, same shape.
        edges: The steepest 15 % of the static signal within the skull, where motion leaves its marks, same shape.
    """

    subtractions: NDArray[np.float32]
    perfusion: NDArray[np.float32]
    inside: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    edges: NDArray[np.bool_]

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> CohortImages:
        """From what `draw_cohort` made."""
        return cls(**arrays)

    @property
    def mean_of_all(self) -> NDArray[np.float32]:
        """What the paper takes for the truth, shape (subjects, sections, y, x)."""
        return np.asarray(self.subtractions.mean(axis=2))


def draw_cohort(
    cohort: Cohort, labelling: Labelling, *, count: Callable[[int, int], object] = lambda done, total: None
) -> dict[str, NDArray[Any]]:
    """Scan all subjects of a cohort; each has chance of its own.

    Args:
        cohort: Who.
        labelling: How.
        count: Told how many are done, of how many.

    Returns:
        The fields of `CohortImages`.
    """
    subjects = []
    for number in range(cohort.subjects):
        subjects.append(_scanned(cohort, labelling, np.random.default_rng([cohort.seed, number])))
        count(number + 1, cohort.subjects)
    return {name: np.stack([subject[name] for subject in subjects]) for name in subjects[0]}


def _scanned(cohort: Cohort, labelling: Labelling, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    conditions = ScanConditions(
        noise=rng.uniform(*cohort.noise), motion_mm=rng.uniform(*cohort.motion_mm), outlier_share=cohort.outlier_share
    )
    sections = []
    for section in draw_subject(cohort, labelling, rng):
        static = static_signal(section.brain, labelling)
        inside = section.brain.inside
        slope = gaussian_gradient_magnitude(static.astype(np.float64), 1.0)
        sections.append(
            {
                "subtractions": draw_subtractions(
                    static, section.perfusion, labelling=labelling, conditions=conditions, rng=rng
                ),
                "perfusion": section.perfusion,
                "inside": inside,
                "changed": section.changed,
                "edges": inside & (slope >= np.quantile(slope[inside], 1 - _EDGE_SHARE)),
            }
        )
    return {name: np.stack([section[name] for section in sections]) for name in sections[0]}
