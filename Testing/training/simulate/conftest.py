"""Discs, whose projections are known exactly, for all tests of the simulation of CT."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from CTDenoiseTrainLib.simulate.scan import ParallelScan

Floats = NDArray[np.float64]


@pytest.fixture(scope="session")
def painted_disc() -> Callable[..., Floats]:
    """Makes a section (y, x) whose pixels hold the share of them that a disc covers; lengths in mm from the middle."""

    def paint(side: int, *, pixel_mm: float, radius_mm: float, centre_mm: tuple[float, float] = (0.0, 0.0)) -> Floats:
        parts = 5
        places = ((np.arange(side * parts) + 0.5) / parts - side / 2) * pixel_mm
        covered = np.hypot(places[:, None] - centre_mm[0], places[None] - centre_mm[1]) < radius_mm
        return covered.reshape(side, parts, side, parts).mean(axis=(1, 3))

    return paint


@pytest.fixture(scope="session")
def disc_chords() -> Callable[..., Floats]:
    """Makes the exact chords in mm through a disc, shape (views, rays): means over the width of each ray."""

    def chords(scan: ParallelScan, *, radius_mm: float, centre_mm: tuple[float, float] = (0.0, 0.0)) -> Floats:
        lines = 16
        place = ((np.arange(scan.rays * lines) + 0.5) / lines - scan.rays / 2) * scan.ray_spacing_mm
        angle = np.arange(scan.views) * np.pi / scan.views
        middle = centre_mm[1] * np.cos(angle) + centre_mm[0] * np.sin(angle)
        chord = 2 * np.sqrt(np.maximum(radius_mm**2 - (place[None] - middle[:, None]) ** 2, 0))
        return chord.reshape(scan.views, scan.rays, lines).mean(axis=2)

    return chords
