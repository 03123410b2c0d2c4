"""`ctdenoise series`: what a folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from ..dicom.series import Series, SeriesSearch
from ..volume import Acquisition
from .console import AsJson, left_out_lines, plain_table, print_json, terminal


def list_series(
    folder: Annotated[Path, typer.Argument(help="Folder with DICOM files, at any depth and under any name.")],
    as_json: AsJson = False,
) -> None:
    """List the image series in a folder, and the files that belong to none."""
    from ..dicom.find import find_series

    search = find_series(folder)
    if as_json:
        print_json(as_content(search))
    else:
        _print(search)


def as_content(search: SeriesSearch) -> dict[str, Any]:
    """The listing for machines."""
    return {
        "series": [describe(series, number) for number, series in enumerate(search.series, start=1)],
        "left_out": [{"path": str(file.path), "reason": file.reason} for file in search.left_out],
    }


def describe(series: Series, number: int | None = None) -> dict[str, Any]:
    """One series for machines; `number` is its place in the listing, from 1."""
    acquisition = series.acquisition
    return {
        "number": number,
        "uid": series.uid,
        "label": str(series),
        "series_number": series.number,
        "description": acquisition.description,
        "modality": acquisition.modality,
        "kernel": list(acquisition.kernel),
        "section_thickness_mm": acquisition.section_thickness,
        "increment_mm": series.increment,
        "pixel_spacing_mm": list(series.pixel_spacing),
        "rows": series.rows,
        "columns": series.columns,
        "sections": len(series.slices),
        "manufacturer": acquisition.manufacturer,
        "scanner": acquisition.scanner,
        "peak_kilovoltage": acquisition.peak_kilovoltage,
        "tube_current_ma": acquisition.tube_current,
        "exposure_mas": acquisition.exposure,
        "reconstruction": acquisition.reconstruction,
        "inconsistency": series.inconsistency,
    }


def tube_settings(acquisition: Acquisition) -> str:
    """Such as "120 kVp · 200 mA · 40 mAs", as far as the header tells."""
    settings = (
        (acquisition.peak_kilovoltage, "kVp"),
        (acquisition.tube_current, "mA"),
        (acquisition.exposure, "mAs"),
    )
    return " · ".join(f"{value:g} {unit}" for value, unit in settings if value is not None)


def _print(search: SeriesSearch) -> None:
    console = terminal()
    if not search.series:
        console.print("No image series here.")
    else:
        table = plain_table("No.", "Series", "Tube", "Reconstruction", "Scanner")
        for number, series in enumerate(search.series, start=1):
            acquisition = series.acquisition
            lines = [f"[bold]{escape(str(series))}[/bold]", escape(acquisition.description), f"[dim]{series.uid}[/dim]"]
            if series.inconsistency is not None:
                lines.append(f"[yellow]{escape(series.inconsistency)}[/yellow]")
            table.add_row(
                str(number),
                "\n".join(line for line in lines if line),
                tube_settings(acquisition) or "not said",
                escape(acquisition.reconstruction or "not said"),
                escape(acquisition.scanner or "not said"),
            )
        console.print(table)
    if search.left_out:
        console.print(f"\nLeft out, {len(search.left_out)} in all:")
        for line in left_out_lines(search.left_out):
            console.print(f"  {escape(line)}", soft_wrap=True)
