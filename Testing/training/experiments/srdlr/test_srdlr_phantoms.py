from __future__ import annotations

import math

import numpy as np
import pytest

from CTDenoiseTrainLib.experiments.srdlr.settings import QUICK
from CTDenoiseTrainLib.experiments.srdlr.shapes import Bars, Canvas, Disc, Ellipse, Tube
from CTDenoiseTrainLib.experiments.srdlr.stents import StentAcross, StentAlong
from CTDenoiseTrainLib.experiments.srdlr.training_phantoms import AIR_HU, object_side, training_object
from CTDenoiseTrainLib.experiments.srdlr.unseen_phantoms import LUMEN_HU, RODS, coronary, rods

PIXEL = 0.125


def painted(shape: object) -> np.ndarray:
    canvas = Canvas(240, PIXEL, hu=0.0)
    canvas.paint(shape, 1.0)
    return canvas.hu


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        (Disc((1.03, -2.01), 4.0), math.pi * 16),
        (Ellipse((0.5, 0.3), (5.0, 2.0), 0.4), math.pi * 10),
        (Tube((0.0, 0.0), 12.0, 1.5, 0.3), 18.0),
        # Bent by 2 mm at both ends, at right angles to its axis it is as wide; its axis is cut at the ends of the line.
        (Tube((0.0, 0.0), 12.0, 1.5, 0.3, 2.0), 1.5 * 12.87),
        (Bars((0.1, 0.2), 0.5, 6.0, 0.7), 18.0),
    ],
)
def test_a_painted_shape_has_its_area(shape, area):
    # Pixels at the edge hold the share that is covered.
    assert painted(shape).sum() * PIXEL**2 == pytest.approx(area, rel=0.02)


def test_nothing_is_painted_beyond_the_reach_of_a_shape():
    shape = Tube((1.0, -1.0), 9.0, 2.0, 1.1, -1.5)
    y, x = (((np.arange(240) - 119.5) * PIXEL - middle) for middle in shape.centre)
    outside = np.hypot(y[:, None], x[None]) > shape.reach_mm + PIXEL
    assert painted(shape)[outside].max() == 0


def test_a_shape_may_lie_across_the_border():
    assert painted(Disc((14.9, 0.0), 2.0)).max() == 1


def test_a_stent_has_as_many_struts_as_asked_for():
    canvas = Canvas(160, PIXEL, hu=40.0)
    StentAcross((0.0, 0.0), 4.0, 0.3, 7, 0.2).paint(canvas, lumen_hu=440.0, metal_hu=2500.0)
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    row, column = (np.rint((2 * part(angle)) / PIXEL + 79.5).astype(int) for part in (np.sin, np.cos))
    metal = canvas.hu[row, column] > 1300
    assert np.count_nonzero(metal & ~np.roll(metal, 1)) == 7
    assert canvas.hu[79, 79] == 440


def test_a_stent_along_the_section_has_a_wall_on_either_side():
    canvas = Canvas(160, PIXEL, hu=40.0)
    StentAlong((0.0, 0.0), 3.0, 0.25, 10.0, 0.0).paint(canvas, lumen_hu=440.0, metal_hu=2500.0)
    column = canvas.hu[:, 80]
    walls = np.flatnonzero(column > 1300)
    assert walls.max() - walls.min() == pytest.approx(3.0 / PIXEL, abs=2)
    assert column[80] == 440


def test_an_object_is_the_same_whenever_it_is_drawn_and_others_differ():
    assert np.array_equal(training_object(2, QUICK), training_object(2, QUICK))
    assert not np.array_equal(training_object(2, QUICK), training_object(6, QUICK))


@pytest.mark.parametrize("number", range(4))
def test_objects_lie_within_the_body_in_air(number):
    drawn = training_object(number, QUICK)
    side = object_side(QUICK)
    assert drawn.shape == (side, side)
    y = (np.arange(side) - (side - 1) / 2) * QUICK.object_pixel_mm
    outside = np.hypot(y[:, None], y[None]) > QUICK.body_mm / 2 + QUICK.object_pixel_mm
    assert (drawn[outside] == AIR_HU).all()
    assert drawn.max() > 0


def test_rods_have_their_contrast_and_vessels_their_lumen():
    drawn = rods(QUICK)
    for contrast, (y, x) in RODS.items():
        row, column = (round(at / QUICK.object_pixel_mm + (object_side(QUICK) - 1) / 2) for at in (y, x))
        assert drawn[row, column] == 40 + contrast
    assert np.count_nonzero(coronary(QUICK) == LUMEN_HU) * QUICK.object_pixel_mm**2 > 100
