"""The phantoms that are measured, which no network has seen: rods, a structured coronary phantom, low contrasts."""

from __future__ import annotations

from math import radians

import numpy as np

from .settings import Settings
from .shapes import Bars, Disc, Ellipse, Floats, Place, Tube
from .stents import StentAcross, StentAlong
from .training_phantoms import body

MUSCLE_HU = 40.0

# Rods of a phantom for the transfer function: contrast in HU and centre.
ROD_RADIUS_MM = 5.5
RODS = {80.0: (-10.8, -10.8), 200.0: (-10.8, 10.8), 400.0: (10.8, -10.8), 1000.0: (10.8, 10.8)}

# Slanted, so that pixels meet edges everywhere between their centres.
SLANT = radians(7)
LUMEN_HU = 440.0
VESSEL_LENGTH_MM = 12.0
VESSELS = {1.0: (-13.0, -12.5), 1.5: (-13.0, -7.0), 2.0: (-13.0, -1.0), 3.0: (-13.0, 5.5), 4.0: (-13.0, 13.0)}
"""Width in mm and centre of vessels that run from top to bottom."""
BAR_CONTRAST_HU, BAR_SIDE_MM = 400.0, 7.0
BARS = {0.5: (0.5, -16.5), 0.7: (0.5, -5.5), 0.9: (0.5, 5.5), 1.1: (0.5, 16.5)}
"""Line pairs a mm and centre."""
METAL_HU = 2500.0
STENTS_ACROSS = (
    StentAcross((12.0, -15.0), 2.75, 0.2, 6, 0.2),
    StentAcross((12.0, -8.5), 3.5, 0.2, 8, 0.1),
    StentAcross((12.0, -1.5), 4.5, 0.2, 12, 0.0),
)
STENT_ALONG = StentAlong((12.0, 11.5), 3.0, 0.2, 13.0, SLANT)
PLAQUE_HU = 1000.0
STENOSED = Tube((20.0, 0.0), 16.0, 3.0, 0.0, 0.5)
LIVER: Place = (9.0, 10.0)
LIVER_RADIUS_MM = 2.0
"""A part of the liver without lesions."""
LESIONS = {
    (contrast, diameter): (y, x)
    for y, contrast in ((7.0, -20.0), (14.0, -40.0))
    for x, diameter in ((-13.0, 3.0), (-6.0, 5.0), (2.5, 7.0))
}
"""Contrast in HU and diameter in mm, with the centre, of the lesions among low contrasts."""


def rods(settings: Settings) -> Floats:
    """Rods of four contrasts around an even middle, in HU on the fine grid, shape (y, x)."""
    canvas = body(settings, hu=MUSCLE_HU)
    for contrast, place in RODS.items():
        canvas.paint(Disc(place, ROD_RADIUS_MM), MUSCLE_HU + contrast)
    return canvas.hu


def coronary(settings: Settings) -> Floats:
    """Vessels of 1 to 4 mm, bar patterns, stents along and across, and a stenosis with calcified plaques."""
    canvas = body(settings, hu=MUSCLE_HU)
    for width, place in VESSELS.items():
        canvas.paint(Tube(place, VESSEL_LENGTH_MM, width, np.pi / 2 + SLANT), LUMEN_HU)
    for frequency, place in BARS.items():
        canvas.add(Bars(place, frequency, BAR_SIDE_MM, np.pi / 2 + SLANT), BAR_CONTRAST_HU)
    for stent in (*STENTS_ACROSS, STENT_ALONG):
        stent.paint(canvas, lumen_hu=LUMEN_HU, metal_hu=METAL_HU)
    canvas.paint(STENOSED, LUMEN_HU)
    canvas.paint(Ellipse((18.9, -3.0), (1.6, 0.7), 0.0), PLAQUE_HU)
    canvas.paint(Ellipse((21.0, 2.5), (1.0, 0.5), 0.2), PLAQUE_HU)
    return canvas.hu


def low_contrasts(settings: Settings) -> Floats:
    """Lesions of 20 and 40 HU in a liver, and the head and spine of a fetus with thin bones."""
    canvas = body(settings, hu=MUSCLE_HU)
    canvas.paint(Ellipse((9.0, -4.0), (19.0, 11.0), 0.0), MUSCLE_HU + 30)
    for (contrast, diameter), place in LESIONS.items():
        canvas.add(Disc(place, diameter / 2), contrast)
    canvas.paint(Ellipse((-11.0, 2.0), (20.0, 9.5), 0.0), 10.0)
    canvas.paint(Ellipse((-11.0, -7.0), (7.5, 6.0), 0.3), 350.0)
    canvas.paint(Ellipse((-11.0, -7.0), (6.9, 5.4), 0.3), 30.0)
    canvas.add(Ellipse((-11.0, -7.0), (2.5, 1.2), 0.3), -15.0)
    canvas.paint(Ellipse((-11.0, 9.0), (8.0, 5.0), 0.0), 35.0)
    for step in range(7):
        canvas.paint(Disc((-8.0 - 0.25 * step, 2.5 + 1.9 * step), 0.6), 300.0)
    return canvas.hu


PHANTOMS = {"rods": rods, "coronary": coronary, "low-contrasts": low_contrasts}
"""By the name of their stage."""
