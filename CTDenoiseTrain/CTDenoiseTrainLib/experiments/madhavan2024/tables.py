"""The tables of the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from CTDenoiseLib.measure.result_table import Cell, Column, ResultTable

from ...simulate.spine_veins import CONTRASTS_HU, DIAMETERS_MM
from ..workbench import Workbench
from .measure import Results, VeinSummary
from .patients import training_patients
from .settings import Settings

CLEAR_HU = 200.0
"""Veins of this contrast and more are what a reader looks for."""


def all_tables(results: Results, maps: Mapping[str, Any]) -> tuple[ResultTable, ...]:
    """Of images, of veins by diameter and by kind, and of noise maps."""
    return _images(results), *_by_diameter(results), _by_kind(results), _noise_maps(maps)


def noise_map_figures(bench: Workbench, settings: Settings) -> dict[str, Any]:
    """Of each training patient: noise of the map, and how much anatomy hides in it."""
    return bench.figures(
        "noise-maps",
        lambda: {patient.name: asdict(patient.leakage()) for patient in training_patients(bench, settings)},
    )


def _images(results: Results) -> ResultTable:
    columns = (
        Column("images", "Images"),
        Column("noise", "Noise in muscle", "HU"),
        Column("noise_change", "Change of noise", "%"),
        Column("f50", "TTF50", "mm⁻¹"),
        Column("f50_error", "Its uncertainty", "mm⁻¹"),
        Column("f50_change", "From the sharp kernel itself", "%"),
        Column("nps_mean", "Mean frequency of noise", "mm⁻¹"),
        Column("muscle_bias", "Bias in muscle", "HU"),
        Column("medium_bias", "Bias in contrast medium", "HU"),
    )
    rows = tuple(
        (
            name,
            results.mean(name, lambda figures: figures.noise_hu),
            -100 * results.noise_reduction(name),
            results.f50(name),
            results.f50_error(name),
            100 * results.f50_change(name),
            results.mean(name, lambda figures: figures.nps_mean_per_mm),
            results.mean(name, lambda figures: figures.muscle_bias_hu),
            results.mean(name, lambda figures: figures.medium_bias_hu),
        )
        for name in results.series
    )
    return ResultTable("Images of unseen patients", columns, rows)


def _by_diameter(results: Results) -> tuple[ResultTable, ...]:
    """What is left of clear veins, and two figures of how well they are seen."""

    def table(title: str, unit: str, figure: Callable[[VeinSummary], float]) -> ResultTable:
        columns = (Column("images", "Images"), *(Column(f"{d:g}", f"{d:g} mm", unit) for d in DIAMETERS_MM))
        rows: list[tuple[Cell, ...]] = [
            (name, *(figure(results.veins(name, diameter, least_hu=CLEAR_HU)) for diameter in DIAMETERS_MM))
            for name in results.series
        ]
        return ResultTable(f"{title} of veins of {CLEAR_HU:g} HU and more, by diameter", columns, tuple(rows))

    return (
        table("Retained contrast", "%", lambda veins: 100 * veins.retained.value),
        table("Contrast-to-noise ratio", "", lambda veins: veins.cnr.value),
        table("Detectability d′", "", lambda veins: veins.detectability.value),
    )


def _by_kind(results: Results) -> ResultTable:
    columns = (
        Column("diameter", "Diameter", "mm"),
        Column("contrast", "Contrast", "HU"),
        *(Column(name, f"Retained: {name}", "%") for name in results.series),
    )
    rows = tuple(
        (
            diameter,
            contrast,
            *(
                100 * results.veins(name, diameter, least_hu=contrast, most_hu=contrast).retained.value
                for name in results.series
            ),
        )
        for diameter in DIAMETERS_MM
        for contrast in CONTRASTS_HU
    )
    return ResultTable("Retained contrast of veins, by diameter and contrast", columns, rows)


def _noise_maps(maps: Mapping[str, Any]) -> ResultTable:
    columns = (
        Column("patient", "Noise map of"),
        Column("noise", "Noise in flat soft tissue", "HU"),
        Column("correlation", "Correlation with edges"),
        Column("edge_ratio", "Strength at edges over that of noise"),
        Column("level", "Anatomy in it"),
    )
    rows = tuple(
        (name, found["noise_hu"], found["correlation"], found["edge_ratio"], found["level"])
        for name, found in maps.items()
    )
    return ResultTable("Noise maps: filtered back-projection − iterative reconstruction", columns, rows)
