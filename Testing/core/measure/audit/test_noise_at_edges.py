from __future__ import annotations

import numpy as np
import pydicom
import pytest

from CTDenoiseLib.measure.audit.edge_ratio import edge_masks, edge_ratio
from CTDenoiseLib.measure.audit.noise_at_edges import NoiseAtEdgesMeter
from support.thorax_phantom import scanner_noise, thorax, unevenness


def expected(input_hu, residual):
    meter = NoiseAtEdgesMeter()
    meter.add(edge_masks(input_hu), residual)
    return meter.result()


@pytest.mark.parametrize("uneven", [False, True])
def test_expects_what_pure_noise_has_however_it_is_spread(uneven):
    noise = scanner_noise(np.random.default_rng(0), uneven=uneven)[0]
    noisy = thorax() + noise
    masks = edge_masks(noisy)
    level = unevenness() if uneven else np.ones(noisy.shape)
    truth = np.sqrt(np.mean(level[masks.edge] ** 2) / np.mean(level[masks.flat] ** 2))
    assert expected(noisy, noise).ratio == pytest.approx(truth, rel=0.06)
    low, high = expected(noisy, noise).noise_range
    assert low < edge_ratio(noisy, noise).ratio < high


def test_knows_nothing_of_what_lies_at_edges():
    noise = scanner_noise(np.random.default_rng(0))[0]
    noisy = thorax() + noise
    doubled = np.where(edge_masks(noisy).edge, 2 * noise, noise)
    assert expected(noisy, doubled).ratio == expected(noisy, noise).ratio


def test_nothing_is_expected_without_a_body_or_without_a_residual():
    assert NoiseAtEdgesMeter().result() is None
    section = thorax()
    assert expected(section, np.zeros_like(section)) is None


def test_foretells_the_edge_ratio_of_real_noise(real_data):
    folder = real_data("mayo_dose_pairs")
    over_expectation = []
    for quarter in sorted((folder / "quarter").iterdir()):
        low, high = (_hu(path) for path in (quarter, folder / "full" / quarter.name.replace("_QD", "_FD")))
        over_expectation.append(edge_ratio(low, low - high).ratio / expected(low, low - high).ratio)
    assert len(over_expectation) == 21
    assert np.mean(over_expectation) == pytest.approx(0.96, abs=0.01)
    assert min(over_expectation) == pytest.approx(0.84, abs=0.01)
    assert max(over_expectation) == pytest.approx(1.04, abs=0.01)


def _hu(path) -> np.ndarray:
    dataset = pydicom.dcmread(path)
    return dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
