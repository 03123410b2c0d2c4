from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.profiles.profile import Profiles
from CTDenoiseLib.measure.profiles.profile_table import profile_table
from support.analytic_profile import distances, edge, peak

X = distances(60)


def profiles(*hu: np.ndarray, remarks: tuple[str, ...] = ("", "")) -> Profiles:
    points = np.stack([X, 0 * X, 0 * X], axis=1)
    return Profiles(X, points, ("Input", "Denoised"), hu, (None, None), remarks)


def cells(table, row: int) -> dict[str, object]:
    return dict(zip((column.key for column in table.columns), table.rows[row], strict=True))


def test_there_is_a_row_for_each_image_with_its_figures_and_their_uncertainties(rng):
    vessel = peak(X, 30, sigma=1, contrast=400)
    table = profile_table(profiles(vessel + rng.normal(0, 5, len(X)), vessel))
    first, second = cells(table, 0), cells(table, 1)
    assert (first["image"], second["image"]) == ("Input", "Denoised")
    assert second["fwhm"] == pytest.approx(2.355, rel=0.01)
    assert second["peak_contrast"] == pytest.approx(400, rel=0.01)
    assert abs(first["fwhm"] - 2.355) < 4 * first["fwhm_uncertainty"]
    assert first["fwhm_uncertainty"] > second["fwhm_uncertainty"]
    assert first["remarks"] == ""


def test_columns_tell_their_units():
    headings = [column.heading for column in profile_table(profiles(X, X)).columns]
    assert headings[1:5] == ["FWHM [mm]", "± FWHM [mm]", "Edge distance 10–90 % [mm]", "± Edge distance 10–90 % [mm]"]


def test_what_is_not_measurable_is_empty_and_says_why_once():
    bone = edge(X, 30, sigma=0.8, contrast=500)
    first = cells(profile_table(profiles(bone, bone)), 0)
    assert first["fwhm"] is None
    assert first["fwhm_uncertainty"] is None
    assert first["edge_distance"] == pytest.approx(2.05, rel=0.02)
    assert first["remarks"].startswith("FWHM, Peak contrast – No peak:")
    assert first["remarks"].count("No peak") == 1


def test_a_reason_that_stands_in_the_way_of_everything_is_told_alone():
    first = cells(profile_table(profiles(0 * X, 0 * X)), 0)
    assert first["remarks"].startswith("No edge found")


def test_parts_of_the_line_without_hu_are_remarked():
    vessel = peak(X, 30, sigma=1, contrast=400)
    table = profile_table(profiles(vessel, vessel, remarks=("", "Of the line, 3 mm have no HU.")))
    assert cells(table, 1)["remarks"] == "Of the line, 3 mm have no HU."
