from __future__ import annotations

import numpy as np
import pydicom
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.measure.audit.edge_ratio import edge_masks, edge_ratio


@pytest.fixture
def thorax() -> np.ndarray:
    """A body with two lungs, vessels in them and a bone, without noise, shape (2, y, x)."""
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    section = np.where(np.hypot(y / 0.7, x / 0.9) < 1, 50.0, -1000.0)
    for side in (-0.4, 0.4):
        section[np.hypot(y / 0.4, (x - side) / 0.3) < 1] = -850
        section[np.hypot(y - 0.1, x - side) < 0.03] = 40
    section[np.hypot(y - 0.5, x) < 0.1] = 800
    return np.stack([section, section[::-1]])


def test_white_noise_has_a_ratio_of_one(thorax, rng):
    noise = 30 * rng.standard_normal(thorax.shape)
    measured = edge_ratio(thorax + noise, noise)
    # The edge mask holds about 1300 pixels in two sections: the ratio's standard error is 2 %.
    assert measured.ratio == pytest.approx(1, abs=0.08)
    assert measured.flat_rms == pytest.approx(30, rel=0.03)


def test_a_blur_that_takes_edges_away_is_found_out(thorax, rng):
    noisy = thorax + 30 * rng.standard_normal(thorax.shape)
    blurred = gaussian_filter(noisy, (0, 2, 2))
    assert edge_ratio(noisy, noisy - blurred).ratio > 4


def test_residual_that_spares_the_edges_has_a_ratio_below_one(thorax, rng):
    noise = 30 * rng.standard_normal(thorax.shape)
    noisy = thorax + noise
    for section, residual in zip(noisy, noise, strict=True):
        residual[edge_masks(section).edge] *= 0.5
    assert edge_ratio(noisy, noise).ratio == pytest.approx(0.5, abs=0.05)


def test_vessels_in_the_lung_count_as_edges_of_the_body(thorax):
    masks = edge_masks(thorax[0])
    assert masks.edge[128 + 13, 128 + 51 - 8 : 128 + 51 + 8].any()
    assert not (masks.edge & masks.flat).any()


def test_edges_and_flat_tissue_can_be_sought_in_a_part_only(thorax):
    left = np.zeros(thorax.shape[1:], dtype=bool)
    left[:, :128] = True
    masks = edge_masks(thorax[0], within=left)
    assert not (masks.edge | masks.flat)[:, 128:].any()
    # The share of the steepest is that of the part.
    assert masks.edge.sum() == pytest.approx(edge_masks(thorax[0]).edge.sum() / 2, rel=0.2)


def test_air_alone_gives_no_ratio(rng):
    air = -1000 + rng.standard_normal((64, 64))
    assert edge_masks(air) is None
    assert edge_ratio(air, air) is None


def test_an_untouched_volume_gives_no_ratio(thorax):
    assert edge_ratio(thorax, np.zeros_like(thorax)) is None


def test_pure_noise_of_a_real_scanner_lies_around_one(real_data):
    folder = real_data("mayo_dose_pairs")
    ratios = []
    for quarter in sorted((folder / "quarter").iterdir()):
        full = folder / "full" / quarter.name.replace("_QD", "_FD")
        low, high = (_hu(path) for path in (quarter, full))
        ratios.append(edge_ratio(low, low - high).ratio)
    assert len(ratios) == 21
    assert np.mean(ratios) == pytest.approx(0.96, abs=0.01)
    assert min(ratios) > 0.8
    assert max(ratios) < 1.2


def _hu(path) -> np.ndarray:
    dataset = pydicom.dcmread(path)
    return dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
