"""Mean squared errors of perfusion, subject by subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wilcoxon

from CTDenoiseLib.measure.audit.words import number

from .cohort_images import CohortImages

Values = NDArray[np.float64]

SIGNIFICANT = 0.001
"""As in the abstract of the paper."""


def squared_errors(images: CohortImages, estimate: NDArray[np.float32]) -> dict[str, list[float]]:
    """Mean squared errors of each subject in (ml/100 g/min)²; NaN where there is no such pixel.

    Args:
        images: Of the cohort, or of some of its subjects.
        estimate: Perfusion in ml/100 g/min, shape (subjects, sections, y, x).

    Returns:
        "all": against the mean of all pairs, within the skull, as in the paper. "changed": likewise, where a disease
        changes perfusion. "truth": against true perfusion, within the skull. "edges": likewise, at the edges of the
        static signal, where motion leaves its marks.
    """
    from_all, from_truth = np.square(estimate - images.mean_of_all), np.square(estimate - images.perfusion)
    return {
        "all": _means(from_all, images.inside),
        "changed": _means(from_all, images.changed),
        "truth": _means(from_truth, images.inside),
        "edges": _means(from_truth, images.edges),
    }


def subjects_of(images: CohortImages, chosen: NDArray[np.intp]) -> CohortImages:
    """The images of some subjects."""
    return CohortImages(
        subtractions=images.subtractions[chosen],
        perfusion=images.perfusion[chosen],
        inside=images.inside[chosen],
        changed=images.changed[chosen],
        edges=images.edges[chosen],
    )


@dataclass(frozen=True)
class Comparison:
    """Errors of two ways to make perfusion of the same pairs, over the subjects where both are known.

    Attributes:
        averaging: Mean over the subjects in (ml/100 g/min)²; NaN if there is none.
        network: The same.
        p: Of the Wilcoxon signed-rank test, two-sided; 1 if there is nothing to test.
        subjects: How many.
    """

    averaging: float
    network: float
    p: float
    subjects: int

    @classmethod
    def of(cls, averaging: Sequence[Any], network: Sequence[Any]) -> Comparison:
        """From the errors of each subject; `None` and NaN are left out."""
        one, other = np.array(averaging, dtype=np.float64), np.array(network, dtype=np.float64)
        known = np.isfinite(one) & np.isfinite(other)
        one, other = one[known], other[known]
        if not len(one):
            return cls(np.nan, np.nan, 1.0, 0)
        p = float(wilcoxon(one, other).pvalue) if (one != other).any() else 1.0
        return cls(float(one.mean()), float(other.mean()), p, len(one))

    @property
    def lower_by(self) -> float:
        """By how much the error of the network is lower, in percent."""
        return 100 * (1 - self.network / self.averaging)

    @property
    def shown(self) -> bool:
        """Whether the network's error is lower, and not by chance."""
        return self.network < self.averaging and self.p < SIGNIFICANT

    def __str__(self) -> str:
        sign = f"p = {self.p:.2g}" if self.p >= SIGNIFICANT else f"p < {SIGNIFICANT:g}"
        lower = number(-self.lower_by, "+.0f")
        return f"{self.averaging:.0f} → {self.network:.0f} ({lower} %, {sign}, n = {self.subjects})"


def _means(squares: NDArray[np.floating], masks: NDArray[np.bool_]) -> list[float]:
    return [
        float(own[mask].mean(dtype=np.float64)) if mask.any() else np.nan
        for own, mask in zip(squares, masks, strict=True)
    ]
