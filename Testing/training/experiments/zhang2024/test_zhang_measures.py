from __future__ import annotations

import numpy as np
import pytest
import torch

from CTDenoiseLib.networks import UNet
from CTDenoiseTrainLib.experiments.zhang2024.measure import SOFT_WINDOW_HU, cross_tests, input_noise
from CTDenoiseTrainLib.experiments.zhang2024.models import Denoiser, pictures_of
from CTDenoiseTrainLib.experiments.zhang2024.pictures import field_of_view
from CTDenoiseTrainLib.experiments.zhang2024.settings import TABLE_1, Retraining

from .conftest import TINY

FINEST = TABLE_1[0]


@pytest.fixture
def networks() -> dict[str, UNet]:
    """Two that were not trained: what they do does not matter."""
    found = {}
    for seed, name in enumerate(("own", "other")):
        torch.manual_seed(seed)
        found[name] = UNet(width=2).eval()
    return found


def by_hand(scans, networks) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Truth, self-test and cross-test of each test picture within the disc, in thousandths of water's attenuation."""
    own, other = (Denoiser(network, scans.bench.backend, scale_hu=TINY.scale_hu) for network in networks.values())
    pictures = zip(scans.truth("test"), scans.inputs("test", FINEST), strict=True)
    disc = field_of_view(TINY.matrix)
    return [
        tuple(picture[disc].astype(np.float64) + 1000 for picture in (truth, own(noisy), other(noisy)))
        for truth, noisy in pictures
    ]


@pytest.fixture
def found(scans, networks):
    return cross_tests(scans, "tests", FINEST, networks=networks, own=networks["own"])


def test_psnr_is_for_the_highest_attenuation_and_the_truth(scans, networks, found):
    expected = [
        10 * np.log10(truth.max() ** 2 / np.mean((other - truth) ** 2)) for truth, _, other in by_hand(scans, networks)
    ]
    assert found["other"].psnr.mean == pytest.approx(np.mean(expected), abs=1e-3)
    assert found["other"].psnr.sd == pytest.approx(np.std(expected), abs=1e-3)


def test_nrmse_is_the_papers_of_attenuation(scans, networks, found):
    expected = [100 * np.sqrt(np.mean((other - own) ** 2)) / other.mean() for _, own, other in by_hand(scans, networks)]
    assert found["other"].nrmse.mean == pytest.approx(np.mean(expected), rel=1e-3)


def test_residual_variance_is_that_of_the_difference_from_the_self_test(scans, networks, found):
    expected = [np.var(other - own) for _, own, other in by_hand(scans, networks)]
    assert found["other"].residual_variance.mean == pytest.approx(np.mean(expected), rel=1e-3)


def test_the_self_test_differs_from_itself_in_nothing(found):
    own = found["own"]
    assert (own.residual_variance.mean, own.nrmse.mean) == (0, 0)
    assert (own.ssim.mean, own.window_ssim.mean) == (pytest.approx(1), pytest.approx(1))
    assert found["other"].ssim.mean < 1


def test_the_window_of_the_papers_figures_is_around_soft_tissue():
    # 0.20 and 0.24 cm⁻¹ with water at 0.206 cm⁻¹.
    assert pytest.approx((-29, 165), abs=2) == SOFT_WINDOW_HU


def test_noise_of_the_inputs_is_that_of_the_body_by_resolution(scans):
    found = input_noise(scans)
    assert list(found) == [resolution.key for resolution in TABLE_1]
    truth = scans.truth("test").astype(np.float64)
    noise = (scans.inputs("test", FINEST) - truth)[truth > -300]
    assert found["62.5"]["body"] == pytest.approx(noise.std(), rel=1e-3)


@pytest.mark.parametrize(("share", "pictures"), [(0.05, 2), (0.1, 3), (0.2, 6), (0.3, 10)])
def test_a_share_of_the_data_is_rounded_to_whole_pictures(share, pictures):
    assert pictures_of(Retraining(share=share, steps=1), 32) == pictures


def test_the_smallest_share_is_one_picture():
    assert pictures_of(Retraining(share=0.05, steps=1), 4) == 1
