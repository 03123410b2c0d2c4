from __future__ import annotations

from dataclasses import replace

import pytest

from CTDenoiseTrainLib.experiments.zhang2024.findings import findings_of
from CTDenoiseTrainLib.experiments.zhang2024.measure import CrossTest, Spread
from CTDenoiseTrainLib.experiments.zhang2024.outcome import Outcome
from CTDenoiseTrainLib.experiments.zhang2024.settings import TABLE_1, Resolution

from .conftest import TINY

DENOISED, MISMATCH, RETRAINING = range(3)


def a_test(residual: float, *, psnr: float = 37.0) -> CrossTest:
    """A test whose output differs from the self-test by a residual variance."""

    def spread(value: float) -> Spread:
        return Spread(value, 0.1)

    return CrossTest(
        psnr=spread(psnr),
        residual_variance=spread(residual),
        nrmse=spread(residual**0.5),
        ssim=spread(1 - residual / 1000),
        window_ssim=spread(1 - residual / 1000),
    )


@pytest.fixture
def outcome(scans) -> Outcome:
    """What the paper found."""
    low, high = TINY.retrainings
    return Outcome(
        scans,
        models={},
        retrained={},
        noise={resolution.key: {"psnr": 30.0} for resolution in TABLE_1},
        finest={resolution: a_test(20.0 * place) for place, resolution in enumerate(TABLE_1)},
        coarsest={resolution: a_test(20.0 * (5 - place)) for place, resolution in enumerate(TABLE_1)},
        after_retraining={low: a_test(40), high: a_test(38)},
    )


def with_finest(outcome: Outcome, changed: dict[Resolution, CrossTest]) -> Outcome:
    return replace(outcome, finest={**outcome.finest, **changed})


def shown(outcome: Outcome) -> list[bool | None]:
    return [finding.shown for finding in findings_of(outcome)]


def test_what_the_paper_found_counts_as_shown(outcome):
    assert shown(outcome) == [True, True, True]


def test_a_model_that_denoises_nothing_is_told(outcome):
    changed = with_finest(outcome, {TABLE_1[2]: a_test(40, psnr=29.9)})
    assert not shown(changed)[DENOISED]


def test_a_model_more_than_one_decibel_below_the_self_test_is_told(outcome):
    assert not shown(with_finest(outcome, {TABLE_1[2]: a_test(40, psnr=35.9)}))[DENOISED]
    assert shown(with_finest(outcome, {TABLE_1[2]: a_test(40, psnr=36.1)}))[DENOISED]


def test_two_neighbours_may_change_places_but_not_the_ends(outcome):
    two = with_finest(outcome, {TABLE_1[2]: a_test(60), TABLE_1[3]: a_test(40)})
    assert shown(two)[MISMATCH]
    ends = with_finest(outcome, {TABLE_1[1]: a_test(100), TABLE_1[5]: a_test(20)})
    assert not shown(ends)[MISMATCH]


def test_two_models_are_too_few_for_a_rank(outcome):
    few = {resolution: outcome.finest[resolution] for resolution in (TABLE_1[0], TABLE_1[1], TABLE_1[5])}
    assert shown(replace(outcome, finest=few))[MISMATCH] is None


def test_retraining_that_leaves_more_than_half_is_told(outcome):
    low, high = TINY.retrainings
    assert not shown(replace(outcome, after_retraining={low: a_test(51), high: a_test(50)}))[RETRAINING]


def test_retraining_that_still_gains_with_more_data_is_told(outcome):
    low, high = TINY.retrainings
    assert not shown(replace(outcome, after_retraining={low: a_test(40), high: a_test(20)}))[RETRAINING]
