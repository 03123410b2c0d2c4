"""Random objects that both networks learn from: structured coronary phantoms, low contrasts, procedural anatomy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter

from ...simulate.anatomy import procedural_volume
from .settings import Settings
from .shapes import Bars, Canvas, Disc, Ellipse, Floats, Place, Tube
from .stents import StentAcross, StentAlong

AIR_HU = -1000.0
_MUSCLE_HU, _FAT_HU, _LUMEN_HU = (20.0, 70.0), (-120.0, -70.0), (250.0, 600.0)
_PLAQUE_HU, _METAL_HU = (500.0, 1500.0), (1500.0, 3000.0)


def training_object(number: int, settings: Settings) -> Floats:
    """The object of a number, the same whenever it is asked for, in HU on the fine grid, shape (y, x).

    Of four, two are structured coronary phantoms, one holds low contrasts, one procedural anatomy.
    """
    rng = np.random.default_rng([settings.simulation_seed, number])
    drawn = _KINDS[number % len(_KINDS)](settings, rng)
    # Nothing lies outside the body, where not all views would see it.
    canvas = body(settings, hu=AIR_HU)
    canvas.add(Disc((0.0, 0.0), settings.body_mm / 2), drawn - np.float32(AIR_HU))
    return canvas.hu


def body(settings: Settings, *, hu: float) -> Canvas:
    """A round phantom of one material in air."""
    canvas = Canvas(object_side(settings), settings.object_pixel_mm, hu=AIR_HU)
    canvas.paint(Disc((0.0, 0.0), settings.body_mm / 2), hu)
    return canvas


def object_side(settings: Settings) -> int:
    """Rows and columns of the fine grid, which covers the sections."""
    return round(settings.field_mm / settings.object_pixel_mm)


def _coronary(settings: Settings, rng: np.random.Generator) -> Floats:
    """Myocardium and fat with vessels, plaques, stents, rods and bar patterns."""
    canvas = body(settings, hu=rng.uniform(*(_MUSCLE_HU if rng.random() < 0.7 else _FAT_HU)))
    for _ in range(rng.integers(2, 6)):
        hu = rng.uniform(*(_MUSCLE_HU, _FAT_HU, _LUMEN_HU)[rng.choice(3, p=(0.35, 0.45, 0.2))])
        canvas.paint(_ellipse(_place(settings, rng), rng.uniform(3, 14), rng), hu)
    for paint, low, high in (
        (_paint_vessel, 8, 16),
        (_paint_plaque, 3, 8),
        (_paint_stent, 2, 5),
        (_paint_rod, 2, 6),
        (_paint_bars, 3, 6),
    ):
        for _ in range(rng.integers(low, high)):
            paint(canvas, _place(settings, rng), rng)
    return canvas.hu


def _low_contrasts(settings: Settings, rng: np.random.Generator) -> Floats:
    """Organs and lesions that differ by tens of HU, and a few thin bones, as in an abdomen or a fetus."""
    canvas = body(settings, hu=rng.uniform(*_MUSCLE_HU))
    for _ in range(rng.integers(3, 7)):
        canvas.add(_ellipse(_place(settings, rng), rng.uniform(4, 14), rng), rng.uniform(-60, 60))
    texture = gaussian_filter(rng.standard_normal(canvas.hu.shape).astype(np.float32), rng.uniform(2, 12))
    texture *= np.float32(rng.uniform(0, 12) / texture.std())
    canvas.add(Disc((0.0, 0.0), settings.body_mm / 2), texture)
    for _ in range(rng.integers(12, 30)):
        canvas.add(_ellipse(_place(settings, rng), rng.uniform(0.5, 5), rng), float(rng.uniform(-100, 100)))
    for _ in range(rng.integers(2, 6)):
        _paint_bone(canvas, _place(settings, rng), rng)
    for _ in range(rng.integers(1, 4)):
        _paint_rod(canvas, _place(settings, rng), rng)
    return canvas.hu


def _anatomy(settings: Settings, rng: np.random.Generator) -> Floats:
    """One section of the anatomy that the bundled models learn from."""
    side = object_side(settings)
    volume = procedural_volume((1, side, side), section_step=1.0, rng=rng, bar_patterns=4)
    return np.asarray(volume[0])


_KINDS: Sequence[Callable[[Settings, np.random.Generator], Floats]] = (_coronary, _low_contrasts, _coronary, _anatomy)


def _place(settings: Settings, rng: np.random.Generator) -> Place:
    """Anywhere in the body, equally likely."""
    distance, angle = settings.body_mm / 2 * np.sqrt(rng.uniform(0, 0.85)), rng.uniform(0, 2 * np.pi)
    return float(distance * np.sin(angle)), float(distance * np.cos(angle))


def _ellipse(centre: Place, radius: float, rng: np.random.Generator) -> Ellipse:
    return Ellipse(centre, (radius, radius * rng.uniform(0.4, 1)), rng.uniform(0, np.pi))


def _paint_vessel(canvas: Canvas, centre: Place, rng: np.random.Generator) -> None:
    """Along the section or across it, of 0.6 to 5 mm."""
    width, hu = float(np.exp(rng.uniform(*np.log((0.6, 5.0))))), rng.uniform(*_LUMEN_HU)
    if rng.random() < 0.4:
        canvas.paint(Disc(centre, width / 2), hu)
    else:
        length, sag = rng.uniform(8, 30), rng.uniform(-4, 4)
        canvas.paint(Tube(centre, length, width, rng.uniform(0, np.pi), sag), hu)


def _paint_plaque(canvas: Canvas, centre: Place, rng: np.random.Generator) -> None:
    canvas.paint(_ellipse(centre, rng.uniform(0.3, 2), rng), rng.uniform(*_PLAQUE_HU))


def _paint_stent(canvas: Canvas, centre: Place, rng: np.random.Generator) -> None:
    """A stented vessel with struts of 0.13 to 0.3 mm."""
    lumen, metal = rng.uniform(*_LUMEN_HU), rng.uniform(*_METAL_HU)
    diameter, strut = rng.uniform(2, 5), rng.uniform(0.13, 0.3)
    stent: StentAlong | StentAcross
    if rng.random() < 0.6:
        stent = StentAcross(centre, diameter, strut, int(rng.integers(6, 16)), rng.uniform(0, 2 * np.pi))
    else:
        stent = StentAlong(centre, diameter, strut, rng.uniform(8, 16), rng.uniform(0, np.pi))
    stent.paint(canvas, lumen_hu=lumen, metal_hu=metal)


def _paint_rod(canvas: Canvas, centre: Place, rng: np.random.Generator) -> None:
    """A disc of any material."""
    contrast = np.exp(rng.uniform(*np.log((40, 1200)))) * rng.choice((-1, 1), p=(0.25, 0.75))
    canvas.paint(Disc(centre, rng.uniform(1, 6)), float(np.clip(50 + contrast, AIR_HU, 3000)))


def _paint_bars(canvas: Canvas, centre: Place, rng: np.random.Generator) -> None:
    frequency, contrast = rng.uniform(0.35, 1.4), np.exp(rng.uniform(*np.log((60, 1200))))
    canvas.add(Bars(centre, frequency, rng.uniform(3, 9), rng.uniform(0, np.pi)), float(contrast))


def _paint_bone(canvas: Canvas, centre: Place, rng: np.random.Generator) -> None:
    """The thin shell of a small bone cut across."""
    radius, wall, hu = rng.uniform(1.5, 9), rng.uniform(0.3, 1.2), rng.uniform(200, 900)
    outside = _ellipse(centre, radius, rng)
    inside = Ellipse(centre, (outside.radii_mm[0] - wall, max(outside.radii_mm[1] - wall, 0.2)), outside.angle)
    before = canvas.hu.copy()
    canvas.paint(outside, hu)
    canvas.add(inside, before - canvas.hu)
