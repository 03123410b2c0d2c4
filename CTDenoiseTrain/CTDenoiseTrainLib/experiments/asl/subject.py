"""A subject: a brain with its perfusion, healthy or with a region where it is reduced or raised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .brain import Brain, Floats, Head, Mask, draw_brain, millimetres, smooth_field
from .settings import Cohort, Labelling

_HIGHEST_SECTION = 0.6
_REGIONAL_SD, _REGIONAL_MM = 0.08, 12.0
_RAISED = (1.4, 2.2)
_EDGE_MM = 3.0


@dataclass(frozen=True)
class Section:
    """One section of a subject.

    Attributes:
        brain: Tissues.
        perfusion: True perfusion in ml/100 g/min, shape (y, x).
        changed: Pixels where a disease changes perfusion by more than a tenth, shape (y, x).
    """

    brain: Brain
    perfusion: Floats
    changed: Mask


@dataclass(frozen=True)
class _Region:
    """Where perfusion is changed: an ellipse with a ragged edge.

    Attributes:
        factor: By which perfusion is multiplied.
        centre_mm: Place (y, x).
        radii_mm: Along y and x.
        height: Of its middle, as for `draw_brain`.
        reach: How far in height it extends.
    """

    factor: float
    centre_mm: tuple[float, float]
    radii_mm: tuple[float, float]
    height: float
    reach: float

    @classmethod
    def draw(cls, cohort: Cohort, rng: np.random.Generator) -> _Region | None:
        """That of a subject; `None` for most patients."""
        reduced, raised, side = rng.random(), rng.random(), rng.choice((-1, 1))
        centre = float(rng.uniform(-35, 35)), float(side * rng.uniform(28, 48))
        height, reach = float(rng.uniform(0, 0.5)), float(rng.uniform(0.25, 0.6))
        if reduced < cohort.reduced_share:
            radii = float(rng.uniform(18, 42)), float(rng.uniform(14, 28))
            return cls(float(rng.uniform(*cohort.perfusion_left)), centre, radii, height, reach)
        if raised < cohort.raised_share:
            radii = float(rng.uniform(8, 16)), float(rng.uniform(8, 16))
            return cls(float(rng.uniform(*_RAISED)), centre, radii, height, reach)
        return None

    def change(self, height: float, labelling: Labelling, rng: np.random.Generator) -> Floats:
        """Factor of the perfusion in a section, shape (y, x)."""
        y, x = millimetres(labelling.matrix, labelling.pixel_mm)
        shrunk = 1 - ((height - self.height) / self.reach) ** 2
        if shrunk <= 0:
            return np.ones_like(y)
        ragged = 0.15 * smooth_field(y.shape, 6.0 / labelling.pixel_mm, rng)
        distance = np.hypot((y - self.centre_mm[0]) / self.radii_mm[0], (x - self.centre_mm[1]) / self.radii_mm[1])
        outside_mm = (distance + ragged - np.sqrt(shrunk)) * min(self.radii_mm)
        weight = 1 / (1 + np.exp(np.clip(outside_mm / _EDGE_MM * 2, -30, 30)))
        return np.asarray(1 + weight * (self.factor - 1), dtype=np.float32)


def draw_subject(cohort: Cohort, labelling: Labelling, rng: np.random.Generator) -> list[Section]:
    """Draw the sections of one subject of a cohort, from the level of the ventricles upwards."""
    head = Head.draw(rng, ventricles=cohort.ventricles)
    grey = rng.uniform(*cohort.grey_perfusion)
    white = grey * rng.uniform(*cohort.white_share)
    region = _Region.draw(cohort, rng)
    sections = []
    for height in np.linspace(0, _HIGHEST_SECTION, labelling.sections).tolist():
        brain = draw_brain(head, height, matrix=labelling.matrix, pixel_mm=labelling.pixel_mm, rng=rng)
        regional = 1 + _REGIONAL_SD * smooth_field(brain.grey.shape, _REGIONAL_MM / labelling.pixel_mm, rng)
        change = np.ones_like(brain.grey) if region is None else region.change(height, labelling, rng)
        perfusion = (grey * brain.grey + white * brain.white) * regional * change
        sections.append(Section(brain, np.asarray(perfusion, np.float32), (np.abs(change - 1) > 0.1) & brain.inside))
    return sections
