"""What lines through images show, for the terminal, the files and the plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...measure.markups.markups_file import NamedPath
from ...measure.profiles.profile import ProfileSettings, sample_profiles
from ...measure.profiles.profile_table import profile_table
from ...measure.profiles.samples_table import samples_table
from ...measure.record import MeasurementRecord
from ...measure.result_table import Cell, Column, ResultTable
from .answer import Findings
from .images import LoadedImage
from .show_table import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DEFINITIONS = (
    "FWHM is the full width of the peak at half its height over the baseline.",
    "Edge distance is the way from 10 to 90 % of the height of the strongest edge; edge slope its steepness half-way.",
    "Uncertainties are standard uncertainties (k = 1) from the noise beside the edge alone.",
    "Places are in DICOM patient coordinates (LPS).",
)
_TITLES = {"edge_distance": "10–90 %", "edge_slope": "Slope"}


def profile_findings(loaded: Sequence[LoadedImage], lines: Sequence[NamedPath], settings: ProfileSettings) -> Findings:
    """Measure along lines.

    Args:
        loaded: The images.
        lines: In LPS.
        settings: How.

    Raises:
        MeasurementError: A line lies outside all images.
    """
    images = [each.image for each in loaded]
    profiles = [sample_profiles(images, line.path, settings) for line in lines]
    features = _with_line([line.name for line in lines], [profile_table(each) for each in profiles])
    samples = _with_line([line.name for line in lines], [samples_table(each, axes="xyz") for each in profiles])
    record = MeasurementRecord(
        images=tuple(each.identity for each in loaded),
        settings={"interpolation": settings.interpolation, "width in mm": settings.width_mm},
        tables=(features, samples),
        notes=_DEFINITIONS,
    )
    keys = [column.key for column in features.columns if not column.key.endswith(("_uncertainty", "remarks"))]
    if len(lines) == 1:
        keys.remove("line")

    def draw() -> Figure:
        from ...report.plot_profile import plot_profiles

        return plot_profiles([line.name for line in lines], profiles, images)

    return Findings(
        record=record,
        shown=[Shown(features, keys, _TITLES)],
        csv=samples,
        remarks=_remarks(features),
        draw=draw,
    )


def _with_line(names: Sequence[str], tables: Sequence[ResultTable]) -> ResultTable:
    """The tables of all lines in one, with the name of the line before each row."""
    rows: list[tuple[Cell, ...]] = []
    for name, table in zip(names, tables, strict=True):
        rows += [(name, *row) for row in table.rows]
    return ResultTable(tables[0].title, (Column("line", "Line"), *tables[0].columns), tuple(rows))


def _remarks(features: ResultTable) -> list[str]:
    return [f"{row[0]}, {row[1]}: {row[-1]}" for row in features.rows if row[-1]]
