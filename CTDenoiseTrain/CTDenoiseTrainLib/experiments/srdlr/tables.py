"""Tables of the result: a row for each quantity, a column for each image, and what the networks leave of the input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from statistics import fmean
from typing import NamedTuple

from CTDenoiseLib.measure.result_table import Cell, Column, ResultTable

from .images import DLR, INPUT, SR_DLR
from .measure import ImageFigures

Results = Mapping[str, ImageFigures]

STATED_ROD, STATED_VESSEL = "400", "4"
"""Contrast of the rod and width of the vessel whose sharpness stands for all in the first table."""


class _Quantity(NamedTuple):
    """What it is, its unit, and its value in one image."""

    title: str
    unit: str
    value: float


def all_tables(results: Results) -> tuple[ResultTable, ...]:
    """All tables, the comparison with the input first."""
    return (
        _table("Against the input", results, _main),
        _table("Task transfer function of rods", results, _transfer),
        _table("Profiles across vessels of 400 HU", results, _vessels),
        _table("Fine structure", results, _fine_structure),
        _table("Truth", results, _truth, with_shares=False),
        _table("Low contrasts: lesions in a liver", results, _low_contrasts, with_shares=False),
    )


def _main(found: ImageFigures) -> Iterable[_Quantity]:
    rod, vessel = f"rod of {STATED_ROD} HU", f"vessel of {STATED_VESSEL} mm"
    yield _Quantity("Noise", "HU", found.noise_hu)
    yield _Quantity("Mean frequency of the noise", "mm⁻¹", found.noise_frequency)
    yield _Quantity(f"Noise along the edge of the {rod}", "HU", found.noise_at_edge_hu)
    yield _Quantity(f"TTF50, {rod}", "mm⁻¹", found.rods[STATED_ROD].f50)
    yield _Quantity(f"TTF10, {rod}", "mm⁻¹", found.rods[STATED_ROD].f10)
    yield _Quantity(f"Edge distance 10–90 %, {vessel}", "mm", found.vessels[STATED_VESSEL].distance_mm)
    yield _Quantity(f"Edge slope, {vessel}", "HU/mm", found.vessels[STATED_VESSEL].slope)
    yield _Quantity("RMSE to the target of SR-DLR", "HU", found.to_sharp.rmse)


def _transfer(found: ImageFigures) -> Iterable[_Quantity]:
    for key, rod in found.rods.items():
        yield _Quantity(f"TTF50, {key} HU", "mm⁻¹", rod.f50)
        yield _Quantity(f"Standard uncertainty of TTF50, {key} HU", "mm⁻¹", rod.f50_uncertainty)
        yield _Quantity(f"TTF10, {key} HU", "mm⁻¹", rod.f10)


def _vessels(found: ImageFigures) -> Iterable[_Quantity]:
    for key, vessel in found.vessels.items():
        yield _Quantity(f"Full width at half maximum, {key} mm", "mm", vessel.width_mm)
        yield _Quantity(f"Edge distance 10–90 %, {key} mm", "mm", vessel.distance_mm)
        yield _Quantity(f"Edge slope, {key} mm", "HU/mm", vessel.slope)
        yield _Quantity(f"Contrast, {key} mm", "HU", vessel.contrast_hu)


def _fine_structure(found: ImageFigures) -> Iterable[_Quantity]:
    for key, modulation in found.bars.items():
        yield _Quantity(f"Modulation of bars, {key} line pairs/mm", "%", modulation)
    for key, amplitude in found.struts.items():
        yield _Quantity(f"Amplitude of struts, stent of {key} mm", "HU", amplitude)


def _truth(found: ImageFigures) -> Iterable[_Quantity]:
    yield _Quantity("RMSE to the target of DLR", "HU", found.to_same.rmse)
    yield _Quantity("SSIM to the target of DLR", "", found.to_same.ssim)
    yield _Quantity("RMSE to the target of SR-DLR", "HU", found.to_sharp.rmse)
    yield _Quantity("PSNR to the target of SR-DLR", "dB", found.to_sharp.psnr)
    yield _Quantity("SSIM to the target of SR-DLR", "", found.to_sharp.ssim)
    yield _Quantity("Systematic error at edges", "HU", found.systematic.at_edges)
    yield _Quantity("Systematic error elsewhere", "HU", found.systematic.elsewhere)
    for key, rod in found.rods.items():
        yield _Quantity(f"Overshoot, rod of {key} HU", "%", rod.overshoot)
    for key, bias in found.bias.items():
        yield _Quantity(f"Bias in the rod of {key} HU" if float(key) else "Bias between the rods", "HU", bias)
    for key, error in found.lumens.items():
        yield _Quantity(f"Error in the stented lumen {key}", "HU", error)


def _low_contrasts(found: ImageFigures) -> Iterable[_Quantity]:
    for key, contrast in found.lesions.items():
        yield _Quantity(f"Contrast of the lesion of {key}", "HU", contrast)
    yield _Quantity("Mean contrast-to-noise ratio", "", fmean(map(abs, found.lesions.values())) / found.noise_hu)


def _table(
    title: str,
    results: Results,
    quantities: Callable[[ImageFigures], Iterable[_Quantity]],
    *,
    with_shares: bool = True,
) -> ResultTable:
    """A table of quantities; with shares, those of the networks' outputs also in % of the input's."""
    columns = [Column("quantity", "Quantity"), Column("unit", "Unit")]
    before = list(quantities(results[INPUT]))
    rows: list[list[Cell]] = [[quantity.title, quantity.unit] for quantity in before]
    for name, found in results.items():
        key = name.lower().replace("-", "_").replace(" ", "_")
        shared = with_shares and name in (DLR, SR_DLR)
        columns.append(Column(key, name))
        if shared:
            columns.append(Column(f"{key}_share", f"{name}, of the input", "%"))
        for row, of_input, quantity in zip(rows, before, quantities(found), strict=True):
            row.append(quantity.value)
            if shared:
                row.append(100 * quantity.value / of_input.value)
    return ResultTable(title, tuple(columns), tuple(map(tuple, rows)))
