from __future__ import annotations

import math

import pytest

from CTDenoiseLib.measure.audit.audit_verdict import (
    AuditLevel,
    judge_edge_correlation,
    judge_edge_ratio,
    judge_shift,
    judge_shifts,
    judge_texture,
)
from CTDenoiseLib.measure.audit.edge_correlation import EdgeCorrelation
from CTDenoiseLib.measure.audit.edge_ratio import EdgeRatio
from CTDenoiseLib.measure.audit.noise_at_edges import NoiseAtEdges
from CTDenoiseLib.measure.audit.tissue_classes import Tissue, TissueShift

GREEN, AMBER, RED = AuditLevel


@pytest.mark.parametrize(
    ("edge_rms", "level"), [(5.0, GREEN), (10.0, GREEN), (11.9, GREEN), (12.5, AMBER), (19.9, AMBER), (20.5, RED)]
)
def test_edge_ratio_is_judged_against_that_of_noise(edge_rms, level):
    assert judge_edge_ratio(EdgeRatio(edge_rms, 10.0), NoiseAtEdges(1.0, 0.01)).level is level


def test_a_residual_of_a_few_hu_is_at_most_amber():
    assert judge_edge_ratio(EdgeRatio(2.4, 0.5), NoiseAtEdges(1.0, 0.01)).level is AMBER


def test_chance_widens_what_noise_may_give():
    assert judge_edge_ratio(EdgeRatio(23.0, 10.0), NoiseAtEdges(1.0, 0.5)).level is GREEN


@pytest.mark.parametrize("noise", [None, NoiseAtEdges(1.0, math.nan)])
def test_an_edge_ratio_that_cannot_be_judged_is_amber_and_says_so(noise):
    figure = judge_edge_ratio(EdgeRatio(10.0, 10.0), noise)
    assert (figure.value, figure.level) == (None, AMBER)
    assert "cannot be judged" in figure.sentence


def correlation(taken, *, value=0.5, error=0.005, noise=0.0):
    return EdgeCorrelation(value=value, error=0.01, from_noise=noise, detail_taken=taken, detail_error=error)


@pytest.mark.parametrize(
    ("taken", "level"), [(0.0, GREEN), (0.02, GREEN), (0.04, AMBER), (0.12, RED), (-0.02, GREEN), (-0.3, AMBER)]
)
def test_detail_is_judged_by_how_much_was_taken(taken, level):
    _, detail = judge_edge_correlation(correlation(taken))
    assert detail.level is level
    assert detail.value == pytest.approx(100 * taken)


def test_detail_that_chance_explains_is_green():
    assert judge_edge_correlation(correlation(0.05, error=0.02))[1].level is GREEN


def test_detail_that_chance_could_hide_is_amber():
    assert judge_edge_correlation(correlation(0.0, error=0.05))[1].level is AMBER


def test_a_correlation_within_the_range_of_noise_is_green():
    figure, _ = judge_edge_correlation(correlation(0.0, value=0.1, noise=0.08))
    assert figure.level is GREEN
    assert figure.pure_noise == pytest.approx((-0.03, 0.19))
    assert "no more than noise" in figure.sentence


def test_a_correlation_beyond_noise_has_the_level_of_the_detail_and_names_the_worst_section():
    figure, _ = judge_edge_correlation(correlation(0.12, value=0.12), worst_section=56)
    assert figure.level is RED
    assert figure.sentence == (
        "The residual follows the edges of the anatomy more than noise would (correlation 0.12; noise: −0.03 to 0.03), "
        "most of all in section 57."
    )


def test_a_correlation_too_weak_to_matter_is_green():
    figure, _ = judge_edge_correlation(correlation(0.01, value=0.2))
    assert figure.level is GREEN
    assert "too weak there to matter" in figure.sentence


def test_without_edges_both_figures_are_amber():
    too_few = EdgeCorrelation(value=0.1, error=math.nan, from_noise=0.0, detail_taken=0.0, detail_error=math.nan)
    for unknown in (None, too_few):
        assert [(figure.value, figure.level) for figure in judge_edge_correlation(unknown)] == [(None, AMBER)] * 2


def shift(hu, *, tissue=Tissue.SOFT_TISSUE, mean=50.0, error=0.1, noise=0.0):
    return TissueShift(tissue, 10_000, mean, hu, error, noise)


@pytest.mark.parametrize(
    ("measured", "level"),
    [
        (shift(2.0), GREEN),
        (shift(-3.0), AMBER),
        (shift(6.0), RED),
        (shift(6.0, error=3.0), None),
        (shift(6.0, error=math.nan), None),
        (shift(-12.0, noise=-8.0), GREEN),
        (shift(-19.0, noise=-8.0), AMBER),
        (shift(6.0, tissue=Tissue.DENSE_BONE, mean=900.0), GREEN),
        (shift(-10.0, tissue=Tissue.DENSE_BONE, mean=900.0), AMBER),
        (shift(-20.0, tissue=Tissue.DENSE_BONE, mean=900.0), RED),
        (shift(30.0, tissue=Tissue.AIR, mean=-1000.0), None),
    ],
)
def test_a_shift_is_judged_by_the_tolerance_for_water_or_by_its_share(measured, level):
    assert judge_shift(measured).level is level


def test_without_soft_tissue_the_shift_cannot_be_judged():
    figures = judge_shifts((shift(0.0, tissue=Tissue.LUNG, mean=-850.0),))
    assert [(figure.key, figure.level) for figure in figures] == [("shift_lung", GREEN), ("shift_soft_tissue", AMBER)]
    unsure = judge_shifts((shift(0.0, error=math.nan),))
    assert [(figure.key, figure.level) for figure in unsure] == [("shift_soft_tissue", AMBER)]


def test_an_unmeasured_texture_is_said_and_not_judged():
    (figure,) = judge_texture(None)
    assert (figure.value, figure.level) == (None, None)
    assert "not measured" in figure.sentence
