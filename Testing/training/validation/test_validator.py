from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.pairs.pair_case import Pair, WholeSection
from CTDenoiseTrainLib.pairs.split import CasePart
from support.known_denoiser import KnownDenoiser, alternating_case
from support.plain_pairs import PlainPairs
from support.tiny_model import tiny_network


@dataclass(frozen=True)
class WithoutTargets(PlainPairs):
    """Nobody knows the clean sections of this case, but whole pairs have a loss."""

    def whole(self, section: int, *, context: int) -> WholeSection:
        return replace(super().whole(section, context=context), target=None)

    def whole_pair(self, section: int, *, context: int) -> Pair:
        return Pair(super().whole(section, context=context).sections, self.noise[section])


def without_targets() -> CasePart:
    case = alternating_case()
    return CasePart(WithoutTargets(case.clean, case.noise), (3, 5))


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_figures_are_those_of_the_noise_that_is_left(make_validator, share):
    figures = make_validator(window_hu=(-2000.0, 2000.0))(KnownDenoiser(share))
    left = (1 - share) * rms(alternating_case().noise[3])
    assert figures.rmse == pytest.approx(left, rel=1e-4)
    assert figures.loss == pytest.approx(left**2, rel=1e-4)
    assert figures.psnr == pytest.approx(20 * np.log10(4000 / left), abs=1e-3)
    # Borders of bone and air are blurred into the background that is subtracted, in input and output alike.
    assert figures.noise_reduction == pytest.approx(100 * share, abs=2)


def test_white_noise_alone_leaves_a_residual_without_edges(make_validator):
    # RMS over some hundred pixels of an edge and some thousand flat ones.
    assert make_validator()(KnownDenoiser(1.0)).residual_index == pytest.approx(1.0, abs=0.1)


def test_the_baseline_is_that_of_the_input(make_validator):
    validator = make_validator()
    baseline, idle = validator.baseline(), validator(KnownDenoiser(0.0))
    assert baseline == idle
    assert baseline.noise_reduction == 0
    assert baseline.residual_index is None


def test_bias_and_noise_are_measured_in_hu(make_validator):
    figures = make_validator().measure(KnownDenoiser(1.0, offset_hu=3.0))
    # The noise that was taken away has a mean over the flat pixels: 20 HU / √2000 and less.
    assert figures.bias_hu == pytest.approx(-3.0, abs=1.0)
    # Over some thousand pixels, with the little that the subtracted background takes.
    assert make_validator().measure(None).noise_hu == pytest.approx(20.0, rel=0.05)


def test_likeness_is_taken_in_the_stated_window(make_validator):
    validator = make_validator(window_hu=(1000.0, 1400.0))
    assert str(validator.terms) == "clipped to 1000 to 1400 HU, data range 400 HU"
    # Nothing of the phantom lies in that window: equal images, with no error and an infinite ratio.
    figures = validator(KnownDenoiser(0.0))
    assert figures.rmse == 0
    assert figures.psnr is None
    assert figures.ssim == 1


def test_without_a_window_the_targets_give_the_range(make_validator):
    assert make_validator(window_hu=None).terms.data_range_hu == 1700


def test_without_targets_the_loss_is_that_of_whole_pairs(make_validator):
    validator = make_validator(without_targets())
    figures = validator(KnownDenoiser(0.5))
    assert figures.loss == pytest.approx((0.5 * rms(alternating_case().noise[3])) ** 2, rel=1e-4)
    assert (figures.rmse, figures.psnr, figures.ssim) == (None, None, None)
    assert figures.noise_reduction == pytest.approx(50, abs=2)
    assert validator.preview(None).target is None


def test_the_loss_is_weighted_as_in_training(make_validator):
    plain = make_validator()(KnownDenoiser(0.5)).loss
    weighted = make_validator(level_offset_hu=10.0)(KnownDenoiser(0.5)).loss
    assert weighted == pytest.approx(plain / (alternating_case().noise[3].std() ** 2 + 100), rel=1e-4)


def test_sections_are_spread_over_all_parts(make_validator):
    first, second = alternating_case(patient="A"), alternating_case(patient="B")
    validator = make_validator(CasePart(first, (1, 2, 3, 4)), CasePart(second, (1, 2, 3, 4)), sections=4)
    assert [(case.patient, section) for case, section in validator.sections] == [("A", 2), ("A", 4), ("B", 2), ("B", 4)]
    assert validator.data == (
        "Images of patient A, held-out sections 3, 5; Images of patient B, held-out sections 3, 5"
    )


def test_fewer_sections_than_asked_for_are_all_taken(make_validator):
    assert len(make_validator(sections=100).sections) == 3


def test_a_part_without_sections_is_refused(make_validator):
    with pytest.raises(DataError, match="hold out a larger share"):
        make_validator(CasePart(alternating_case(), ()))


def test_the_preview_shows_neighbouring_sections(make_validator):
    case = alternating_case()
    preview = make_validator(CasePart(case, (2, 3, 4, 5, 6))).preview(KnownDenoiser(1.0))
    assert preview.title == "Images of patient A, sections 4, 5, 6"
    assert preview.spacing == case.spacing
    assert np.array_equal(preview.input, case.clean[3:6] + case.noise[3:6])
    assert np.array_equal(preview.target, case.clean[3:6])
    # Float32 of 1000 HU.
    assert np.allclose(preview.now, preview.target, atol=1e-3)


def test_any_matrix_size_fits_a_network_with_poolings(make_validator):
    preview = make_validator().preview(tiny_network())
    assert preview.now.shape == (3, 97, 90)
    assert np.isfinite(preview.now).all()


def test_validation_leaves_the_network_in_training_as_it_is(make_validator):
    network = tiny_network().train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    first, again = (make_validator()(network, epoch) for epoch in (1, 2))
    assert first == again
    assert network.training
    assert all(before[key].equal(value) for key, value in network.state_dict().items())


def test_validation_can_be_stopped_between_two_layers(make_validator):
    calls = 0

    def stop_soon():
        nonlocal calls
        calls += 1
        if calls > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_validator()(tiny_network(), 1, stop_soon)
    assert calls == 4


def rms(values):
    return float(np.sqrt(np.square(values, dtype=np.float64).mean()))
