from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest

from CTDenoiseTrainLib.experiments.experiment import Finding
from CTDenoiseTrainLib.experiments.srdlr.accuracy import Likeness, SystematicError
from CTDenoiseTrainLib.experiments.srdlr.findings import all_findings
from CTDenoiseTrainLib.experiments.srdlr.measure import ImageFigures
from CTDenoiseTrainLib.experiments.srdlr.sharpness import Transfer, VesselEdge
from CTDenoiseTrainLib.experiments.srdlr.tables import all_tables

INPUT = ImageFigures(
    noise_hu=20,
    noise_frequency=0.4,
    noise_at_edge_hu=20,
    rods={"80": Transfer(0.46, 0.01, 0.8, 1, 80), "400": Transfer(0.46, 0.01, 0.8, 1, 400)},
    vessels={"4": VesselEdge(4, 1.0, 380, 400)},
    bars={"0.7": 16, "1.1": 0.5},
    struts={"3.5": 15},
    lumens={"along, 3 mm": 3},
    bias={"0": 0, "400": 1},
    lesions={"-20 HU, 3 mm": -20, "-20 HU, 5 mm": -20, "-40 HU, 7 mm": -40},
    to_same=Likeness(20, 28, 0.8),
    to_sharp=Likeness(45, 26, 0.7),
    systematic=SystematicError(60, 1),
)
DLR = replace(INPUT, noise_hu=6, to_same=Likeness(10, 34, 0.95))
SHARP = replace(
    INPUT,
    noise_hu=5,
    rods={key: replace(rod, f50=0.87, f10=1.3, overshoot=3) for key, rod in INPUT.rods.items()},
    vessels={"4": VesselEdge(4, 0.6, 650, 400)},
    bars={"0.7": 67, "1.1": 25},
    struts={"3.5": 100},
)
SR_DLR = replace(SHARP, noise_hu=8, bars={"0.7": 40, "1.1": 1}, struts={"3.5": 60})


def results(*, dlr: ImageFigures = DLR, sr_dlr: ImageFigures = SR_DLR) -> dict[str, ImageFigures]:
    same = replace(INPUT, noise_hu=2)
    return {"Input": INPUT, "DLR": dlr, "SR-DLR": sr_dlr, "Target of DLR": same, "Target of SR-DLR": SHARP}


def findings(**images: ImageFigures) -> list[Finding]:
    return list(all_findings(results(**images)))


def with_f50(figures: ImageFigures, value: float, *, rod: str = "400") -> ImageFigures:
    return replace(figures, rods={**figures.rods, rod: replace(figures.rods[rod], f50=value)})


def test_networks_that_do_what_the_paper_says_show_everything():
    assert [finding.shown for finding in findings()] == [True] * 6


@pytest.mark.parametrize(
    ("place", "images"),
    [
        (0, {"dlr": replace(DLR, noise_hu=11)}),
        (0, {"dlr": with_f50(DLR, 0.40)}),
        (0, {"dlr": with_f50(DLR, 0.52)}),
        (0, {"dlr": with_f50(DLR, nan)}),
        (1, {"sr_dlr": replace(SR_DLR, noise_hu=11)}),
        (1, {"sr_dlr": with_f50(SR_DLR, 0.5)}),
        (1, {"sr_dlr": replace(SR_DLR, vessels=INPUT.vessels)}),
        (2, {"dlr": replace(DLR, to_same=Likeness(15, 30, 0.9))}),
        (3, {"sr_dlr": replace(SR_DLR, bars={"0.7": 18, "1.1": 1})}),
        (3, {"sr_dlr": replace(SR_DLR, struts={"3.5": 14})}),
        (4, {"sr_dlr": replace(SR_DLR, bias={"0": 0, "400": -6})}),
        (4, {"sr_dlr": replace(SR_DLR, systematic=SystematicError(20, 6))}),
        (4, {"sr_dlr": replace(SR_DLR, rods={"400": replace(SHARP.rods["400"], overshoot=9)})}),
        (5, {"dlr": replace(DLR, lesions={**DLR.lesions, "-20 HU, 3 mm": -15})}),
        (5, {"dlr": with_f50(DLR, 0.40, rod="80")}),
        (5, {"sr_dlr": with_f50(SR_DLR, nan, rod="80")}),
        (5, {"sr_dlr": replace(SR_DLR, lesions={**DLR.lesions, "-40 HU, 7 mm": -30})}),
    ],
)
def test_what_misses_its_criterion_is_not_shown(place, images):
    assert findings(**images)[place].shown is False


def test_bars_that_the_conventional_scanner_does_not_transmit_are_not_asked_for():
    assert findings(sr_dlr=replace(SR_DLR, bars={"0.7": 40, "1.1": 0}))[3].shown is True


def test_rods_of_low_contrast_are_judged_by_themselves():
    assert [finding.shown for finding in findings(dlr=with_f50(DLR, 0.40, rod="80"))] == [True] * 5 + [False]


def test_evidence_says_what_could_not_be_measured():
    assert "not measurable (400 HU)" in findings(dlr=with_f50(DLR, nan))[0].evidence


def test_dose_is_that_of_equal_error():
    # Half of the error: four times the photons.
    assert "4.0 times the photons" in findings()[2].evidence


def test_tables_give_shares_of_the_input_where_they_mean_something():
    tables = {table.title: table for table in all_tables(results())}
    keys = [column.key for column in tables["Against the input"].columns]
    slope = next(row for row in tables["Against the input"].rows if "slope" in str(row[0]))
    assert slope[keys.index("sr_dlr_share")] == pytest.approx(100 * 650 / 380)
    assert not any(column.key.endswith("_share") for column in tables["Truth"].columns)
