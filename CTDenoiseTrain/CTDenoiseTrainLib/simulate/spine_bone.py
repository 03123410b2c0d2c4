"""Vertebra and ribs of a section, as signed distances in mm."""

from __future__ import annotations

import numpy as np

from .spine_build import SIDES, SpineBuild
from .spine_shapes import Floats, capsule, ellipse, union

JOINT_MM = 1.0
"""Gap between rib and vertebra."""


def vertebra(build: SpineBuild, y: Floats, x: Floats) -> Floats:
    """Body, laminae, spinous and transverse processes, and pedicles or articular processes; without the canal.

    Args:
        build: The patient.
        y: Of the pixels in mm.
        x: Of the pixels in mm, broadcastable with `y`.
    """
    back, side = build.canal
    spinous = (back + 3.5, 0.0), (back + 3.5 + build.spinous_length, build.spinous_lean)
    knob = (spinous[1][0] + 2.0, spinous[1][1])
    arch = [capsule(y, x, spinous, (3.0, 1.9)), capsule(y, x, (spinous[1], knob), (2.4, 3.2))]
    for sign in SIDES:
        corner = (2.5, sign * (side + 3.0))
        root = (corner[0] + 1.0, corner[1])
        tip = (root[0] + build.process_tilt * 20, sign * (side + 22.0))
        arch += [
            capsule(y, x, (corner, (back + 2.8, sign * 0.5)), (3.3, 2.4)),
            capsule(y, x, (root, tip), (3.9, 3.0)),
            capsule(y, x, (tip, (tip[0] + 1.0, tip[1] + sign)), (3.8, 4.3)),
            _pedicle(build, y, x, sign) if build.pedicles else _facets(build, y, x, sign),
        ]
    body = ellipse(y, x, (build.body_middle, 0.0), build.body)
    bone = union([union(arch, fillet_mm=2.0), body], fillet_mm=1.5)
    return np.maximum(bone, -ellipse(y, x, (0.0, 0.0), build.canal))


def ribs(build: SpineBuild, y: Floats, x: Floats, beside: Floats) -> Floats:
    """A rib on each side, from its joint with the body past the transverse process, a gap away from `beside`."""
    side, radius = build.canal[1], build.rib_radius
    parts = []
    for sign in SIDES:
        head = (-build.canal[0] - 0.5, sign * (build.body[1] + 1.0))
        tubercle = (0.5 + build.process_tilt * 14, sign * (side + 25.0))
        parts.append(capsule(y, x, (head, tubercle), (radius, radius - 0.6)))
        parts.append(capsule(y, x, (tubercle, (tubercle[0] - 3.0, sign * (side + 45.0))), (radius, radius)))
    return np.asarray(np.maximum(union(parts, fillet_mm=2.0), np.float32(JOINT_MM) - beside), dtype=np.float32)


def _pedicle(build: SpineBuild, y: Floats, x: Floats, sign: int) -> Floats:
    back, side = build.canal
    return capsule(y, x, ((-back + 0.5, sign * (side + 2.0)), (2.5, sign * (side + 3.0))), (3.6, 3.2))


def _facets(build: SpineBuild, y: Floats, x: Floats, sign: int) -> Floats:
    """Articular processes of two vertebrae with the slanted gap of their joint."""
    side = build.canal[1]
    both = capsule(y, x, ((0.5, sign * (side + 4.0)), (5.0, sign * (side + 2.0))), (3.4, 3.6))
    gap = np.abs(y - np.float32(2.6) + np.float32(0.45 * sign) * (x - np.float32(sign * (side + 3.0))))
    return np.asarray(np.maximum(both, np.float32(0.45) - gap), dtype=np.float32)
