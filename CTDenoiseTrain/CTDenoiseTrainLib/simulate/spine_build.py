"""How a patient's thoracic spine is built: what a simulated examination is drawn from.

Lengths are in mm; y grows towards the back, x towards the patient's left, and the origin is the middle of the spinal
canal. Sizes are those of mid-thoracic vertebrae in anatomy books (body about 30 × 27 mm, canal 16 to 18 mm, cord
8 × 6 mm), spread at random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .spine_shapes import Point

SIDES = (-1, 1)
"""Right and left, as signs of x."""


@dataclass(frozen=True)
class Disc:
    """Something round.

    Attributes:
        centre: (y, x).
        radius: Of its outline.
    """

    centre: Point
    radius: float


@dataclass(frozen=True)
class NerveRoot:
    """A root in the thecal sac.

    Attributes:
        angle: Around the cord, in quarter turns; its sign is that of x.
        share: Of the way from the cord to the wall of the sac.
        radius: Of the root.
    """

    angle: float
    share: float
    radius: float


@dataclass(frozen=True, kw_only=True)
class SpineBuild:
    """One patient's spine. Half axes and points are (y, x) in mm.

    Attributes:
        body: Half axes of the vertebral body.
        canal: Half axes of the spinal canal.
        sac: Half axes of the thecal sac.
        sac_centre: Its middle.
        cord: Half axes of the spinal cord.
        cord_centre: Its middle.
        roots: Nerve roots in the sac.
        pedicles: Whether the stack lies at their level; else at that of the foramina.
        sleeve: Radius of the pouch of the right and left root sleeve, 0 for none with contrast medium.
        cortex: Thickness of the cortical shell of the body and of the processes.
        cortical_hu: Of the shell.
        sac_hu: Of the cerebrospinal fluid with contrast medium.
        layering: By how much of `sac_hu` the contrast medium changes per mm along x, since the patient lies on a side.
        process_tilt: Of the transverse processes: backwards per mm along x.
        spinous_length: Of the spinous process.
        spinous_lean: Its end along x.
        rib_radius: Of the ribs.
        aorta: Left of the body.
        azygos: The vein in front of it on the right.
        plaque: Where the aorta's wall is calcified, in radians.
        drift: Shift of everything along (y, x) per mm along z.
    """

    body: Point
    canal: Point
    sac: Point
    sac_centre: Point
    cord: Point
    cord_centre: Point
    roots: tuple[NerveRoot, ...]
    pedicles: bool
    sleeve: tuple[float, float]
    cortex: tuple[float, float]
    cortical_hu: float
    sac_hu: float
    layering: float
    process_tilt: float
    spinous_length: float
    spinous_lean: float
    rib_radius: float
    aorta: Disc
    azygos: Disc
    plaque: float
    drift: Point

    @classmethod
    def draw(cls, rng: np.random.Generator) -> SpineBuild:
        """A patient."""
        body = (rng.uniform(12.5, 14.5), rng.uniform(14.5, 17.0))
        canal = (rng.uniform(7.8, 9.0), rng.uniform(8.2, 9.6))
        sac = (canal[0] - rng.uniform(1.7, 2.3), canal[1] - rng.uniform(1.9, 2.6))
        sac_centre = (-rng.uniform(0.2, 0.6), rng.uniform(-0.4, 0.4))
        middle, width = _body_middle(body, canal), rng.uniform(10.5, 12.5)
        return cls(
            body=body,
            canal=canal,
            sac=sac,
            sac_centre=sac_centre,
            cord=(rng.uniform(2.7, 3.2), rng.uniform(3.6, 4.3)),
            cord_centre=(sac_centre[0] - rng.uniform(0.4, 1.4), sac_centre[1] + rng.uniform(-0.5, 0.5)),
            roots=tuple(
                NerveRoot(side * front * rng.uniform(0.25, 0.75), rng.uniform(0.35, 0.85), rng.uniform(0.3, 0.5))
                for side in SIDES
                for front in (-1, 1)
                for _ in range(2)
            ),
            pedicles=bool(rng.random() < 0.4),
            sleeve=(rng.uniform(1.5, 3.0) * rng.integers(0, 2), rng.uniform(1.5, 3.0) * rng.integers(0, 2)),
            cortex=(rng.uniform(0.5, 0.8), rng.uniform(0.9, 1.5)),
            cortical_hu=rng.uniform(1100, 1600),
            sac_hu=rng.uniform(650, 1150),
            layering=rng.uniform(-0.03, 0.03),
            process_tilt=rng.uniform(0.35, 0.6),
            spinous_length=rng.uniform(16, 24),
            spinous_lean=rng.uniform(-2, 2),
            rib_radius=rng.uniform(3.4, 4.4),
            aorta=Disc((middle - rng.uniform(3, 8), body[1] + width - rng.uniform(0, 2)), width),
            azygos=Disc(
                (middle - body[0] + rng.uniform(1, 4), -body[1] * rng.uniform(0.55, 0.8) - 3), rng.uniform(2.8, 4.2)
            ),
            plaque=rng.uniform(0, 2 * np.pi),
            drift=(rng.uniform(-0.08, 0.08), rng.uniform(-0.08, 0.08)),
        )

    @property
    def body_middle(self) -> float:
        """Of the vertebral body along y."""
        return _body_middle(self.body, self.canal)

    @property
    def muscle_zone(self) -> tuple[Point, Point]:
        """Middle and half axes of uniform muscle on the right of the spinous process, for noise."""
        return (self.canal[0] + 13.0, -15.5), (5.0, 6.0)

    @property
    def rod_zone(self) -> tuple[Point, Point]:
        """The same on the left, where a rod can be placed."""
        (y, x), half_axes = self.muscle_zone
        return (y, -x), (half_axes[0] + 3.0, half_axes[1] + 2.0)


def _body_middle(body: Point, canal: Point) -> float:
    """The canal's front is a dent in the body's back."""
    return 1.2 - canal[0] - body[0]
