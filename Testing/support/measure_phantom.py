"""A phantom in files whose every figure is known: a cylinder with a blurred rod and white noise, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.volume_files import write_volume

SHAPE = (9, 160, 160)
GEOMETRY = Geometry(spacing=(2.0, 0.5, 0.5), origin=(-40.0, -40.0, -8.0))
BODY_HU, ROD_HU, ROD_MM, BLUR_MM = 40.0, 300.0, 12.0, 0.6
NOISE_HU, NOISE_LEFT = 20.0, 0.25


@dataclass(frozen=True)
class Phantom:
    """Files of one phantom, whose middle is at the LPS place (0, 0, 0).

    Attributes:
        before: With 20 HU of noise.
        again: With other noise of the same strength.
        after: With a quarter of the noise of `before`.
    """

    before: Path
    again: Path
    after: Path


def write_phantom(folder: Path) -> Phantom:
    """Write the files, in whole HU: a body of 76 mm diameter at 40 HU in air, in its middle a rod at 340 HU."""
    rng = np.random.default_rng(4)
    y, x = (np.arange(size) * 0.5 - 40.0 for size in SHAPE[1:])
    radius = np.hypot(y[:, None], x)
    clean = np.where(radius < 38, BODY_HU, -1000.0) + ROD_HU * ndtr((ROD_MM / 2 - radius) / BLUR_MM)
    one, other = (NOISE_HU * rng.standard_normal(SHAPE) * (radius < 38) for _ in range(2))
    files = []
    for name, noise in (("before", one), ("again", other), ("after", NOISE_LEFT * one)):
        files.append(folder / f"{name}.nrrd")
        write_volume(Volume((clean + noise).astype(np.float32), GEOMETRY), files[-1])
    return Phantom(*files)
