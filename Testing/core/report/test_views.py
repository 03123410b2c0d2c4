from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.report import views
from CTDenoiseLib.report.views import (
    SOFT_TISSUE,
    choose_detail,
    choose_detailed_section,
    choose_window,
    detail_around,
    window_around,
)
from CTDenoiseLib.volume import Geometry, Volume

SPACING = (0.7, 0.7)


@pytest.fixture
def chest(rng) -> np.ndarray:
    """Soft tissue in air with a lung on the left, fine vessels in it, and a bone on the right."""
    y, x = np.mgrid[:201, :201]
    picture = np.full((201, 201), -1000.0)
    picture[np.hypot(y - 100, x - 100) < 95] = 40
    lung = np.hypot((y - 100) / 1.3, x - 45) < 32
    picture[lung] = -850
    picture[lung & (y % 7 == 0)] = -200
    picture[np.hypot(y - 100, x - 160) < 12] = 600
    return (picture + 20 * rng.standard_normal(picture.shape)).astype(np.float32)


def test_a_chest_gets_the_soft_tissue_window(chest):
    assert choose_window(chest, SPACING) == SOFT_TISSUE
    assert str(choose_window(chest, SPACING)) == "W 400  L 40 HU"


def test_a_dense_phantom_gets_a_window_that_shows_it(rng):
    phantom = (900 + 600 * (np.indices((80, 80))[0] > 40) + 5 * rng.standard_normal((80, 80))).astype(np.float32)
    low, high = choose_window(phantom, SPACING).limits
    assert low < 900
    assert high > 1500


def test_padding_does_not_widen_a_window(rng):
    lung = (-850 + 30 * rng.standard_normal((80, 80))).astype(np.float32)
    padded = lung.copy()
    padded[:40] = -2048
    assert window_around(padded, SPACING).width <= window_around(lung, SPACING).width + 250


def test_the_detail_is_where_fine_structure_is_and_not_at_the_skin(chest):
    detail = choose_detail(chest, SPACING)
    vessels = (slice(60, 141), slice(15, 76))
    overlap = [
        max(0, min(part.stop, place.stop) - max(part.start, place.start))
        for part, place in zip((detail.rows, detail.columns), vessels, strict=True)
    ]
    assert overlap[0] * overlap[1] > 0.5 * (81 * 61)


def test_the_detailed_section_is_the_one_with_vessels_and_not_the_noisy_one(chest, rng):
    plain = np.where(chest > -950, 40 + 20 * rng.standard_normal(chest.shape), -1000)
    noisy = np.where(chest > -950, 40 + 80 * rng.standard_normal(chest.shape), -1000)
    volume = np.stack([plain, noisy, chest, plain]).astype(np.float32)
    assert choose_detailed_section(Volume(volume, Geometry(spacing=(1.0, *SPACING)))) == 2


def test_of_a_long_series_no_more_sections_are_looked_at_than_allowed(monkeypatch):
    seen = []
    monkeypatch.setattr(views, "_finest", lambda picture, _: (None, seen.append(picture[0, 0]) or picture[0, 0]))
    volume = np.arange(100, dtype=np.float32)[:, None, None] * np.ones((1, 4, 4), np.float32)
    assert choose_detailed_section(Volume(volume), most_sections=10) == max(seen)
    assert len(seen) == 10
    assert np.ptp(seen) == 90


def test_a_detail_has_its_size_in_mm_whatever_the_pixel_shape():
    detail = choose_detail(np.zeros((400, 500), np.float32), (0.5, 1.0))
    assert (detail.rows.stop - detail.rows.start) * 0.5 == 36
    assert (detail.columns.stop - detail.columns.start) * 1.0 == 80


@pytest.mark.parametrize("corner", [(0, 0), (180, 180), (0, 180)])
def test_the_rectangle_around_a_region_at_the_border_stays_in_the_picture(chest, corner):
    y, x = corner
    detail = detail_around(chest, SPACING, (y + 10.0, x + 10.0))
    cut = chest[detail.rows, detail.columns]
    assert min(detail.rows.start, detail.columns.start) >= 0
    assert cut.shape == (round(36 / 0.7), 100)
    assert detail.rows.start <= y < y + 21 <= detail.rows.stop


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 3), (64, 2)])
def test_any_picture_size_gives_views(shape):
    picture = np.full(shape, 40.0, np.float32)
    detail = choose_detail(picture, SPACING)
    assert picture[detail.rows, detail.columns].size > 0
    around = detail_around(picture, SPACING, None)
    assert picture[around.rows, around.columns].size > 0
