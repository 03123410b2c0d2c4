"""Transfer functions of images and what can be detected in them, for the terminal, the files and the plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...measure.errors import MeasurementError
from ...measure.image import MeasuredImage
from ...measure.measured import Measured, Measurement, NotMeasurable
from ...measure.record import MeasurementRecord
from ...measure.resolution.edge_place import DiscEdge, StraightEdge
from ...measure.resolution.ttf import LEAST_CNR
from ...measure.result_table import Cell, Column, ResultTable
from ..progress import RunProgress
from .answer import Findings
from .detectability_table import detectability_table
from .edges import Edge, EdgePart, Rod
from .images import LoadedImage
from .show_table import Shown
from .tasks import Tasks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DEFINITIONS = (
    "TTF of a disc after AAPM Report 233, of a straight edge after ISO 12233; the pixel aperture is part of it.",
    f"f50 and f10 are where it falls to 50 and 10 %; they need a contrast-to-noise ratio (CNR) of {LEAST_CNR:g}.",
    "Uncertainties are standard uncertainties (k = 1) from leaving out parts of the edge in turn.",
    "Places are in DICOM patient coordinates (LPS).",
)
_DETECTABILITY = (
    "d′ is that of the non-prewhitening observer with eye filter (NPWE; Burgess 1994), which sees all directions alike."
)
_KEYS = ("edge", "image", "contrast", "noise", "cnr", "f50", "f10", "radius", "angle", "sections")


@dataclass(frozen=True, eq=False)
class _Result:
    """One edge in one image."""

    edge: Edge
    image: str
    found: EdgePart | NotMeasurable


def transfer_findings(
    loaded: Sequence[LoadedImage], edges: Sequence[Edge], tasks: Tasks, progress: RunProgress
) -> Findings:
    """Measure the transfer functions of images at edges.

    Args:
        loaded: The images; rods without a place are looked for in the first.
        edges: As asked for.
        tasks: What is to be detected.
        progress: Shows what is done.

    Raises:
        MeasurementError: No edge can be measured in any image.
    """
    images = [each.image for each in loaded]
    progress.step("Measuring")
    located = [edge.found_in(images[0]) for edge in edges]
    results = [_Result(edge, image.name, _measured(edge, image)) for edge in located for image in images]
    parts = {(each.edge.name, each.image): each.found for each in results if isinstance(each.found, EdgePart)}
    if not parts:
        raise MeasurementError(" ".join(dict.fromkeys(_reason(each.found) for each in results)))
    table, curves = _table(results), _curves(parts)
    tables = [table, curves, _places(located)]
    remarks = _remarks(results)
    shown = [Shown(table, _KEYS)]
    if tasks.discs:
        transfers = {place: part.ttf for place, part in parts.items()}
        detected, problems = detectability_table(transfers, images, tasks)
        tables.append(detected)
        remarks += problems
        shown.append(Shown(detected))
    record = MeasurementRecord(
        images=tuple(each.identity for each in loaded),
        settings=_viewing(tasks) if tasks.discs else {},
        tables=tuple(tables),
        notes=(*_DEFINITIONS, *([_DETECTABILITY] if tasks.discs else [])),
    )

    def draw() -> Figure:
        from ...report.plot_ttf import EdgeToPlot, plot_transfer

        return plot_transfer(
            [EdgeToPlot(*place, part.hu.mean(axis=0), part.spacing, part.ttf) for place, part in parts.items()]
        )

    facts = [
        f"{now.name} was found at {_place(now.centre)}."
        for edge, now in zip(edges, located, strict=True)
        if isinstance(now, Rod) and now.centre is not None and now is not edge
    ]
    return Findings(record=record, shown=shown, csv=curves, remarks=remarks, facts=facts, draw=draw)


def _measured(edge: Edge, image: MeasuredImage) -> EdgePart | NotMeasurable:
    try:
        return edge.measure(image)
    except MeasurementError as problem:
        return NotMeasurable(str(problem))


def _table(results: Sequence[_Result]) -> ResultTable:
    columns = (
        Column("edge", "Edge"),
        Column("image", "Image"),
        Column("contrast", "Contrast", "HU"),
        Column("noise", "Noise", "HU"),
        Column("cnr", "CNR"),
        Column("f50", "f50", "mm⁻¹"),
        Column("f50_uncertainty", "± f50", "mm⁻¹"),
        Column("f10", "f10", "mm⁻¹"),
        Column("f10_uncertainty", "± f10", "mm⁻¹"),
        Column("radius", "Radius", "mm"),
        Column("angle", "Angle", "°"),
        Column("sections", "Sections"),
        Column("remarks", "Remarks"),
    )
    return ResultTable("Task transfer function", columns, tuple(map(_row, results)))


def _row(result: _Result) -> tuple[Cell, ...]:
    if isinstance(result.found, NotMeasurable):
        return (result.edge.name, result.image, *(None,) * 10, result.found.reason)
    ttf = result.found.ttf
    falls = [cell for fall in (ttf.f50, ttf.f10) for cell in _cells(fall)]
    reasons = dict.fromkeys(fall.reason for fall in (ttf.f50, ttf.f10) if isinstance(fall, NotMeasurable))
    return (
        *(result.edge.name, result.image, ttf.contrast_hu, ttf.noise_hu, ttf.cnr, *falls),
        ttf.found.radius_mm if isinstance(ttf.found, DiscEdge) else None,
        ttf.found.angle_degrees if isinstance(ttf.found, StraightEdge) else None,
        *(ttf.sections, " ".join(reasons)),
    )


def _cells(fall: Measurement) -> tuple[Cell, Cell]:
    return (fall.value, fall.uncertainty) if isinstance(fall, Measured) else (None, None)


def _curves(parts: Mapping[tuple[str, str], EdgePart]) -> ResultTable:
    columns = (
        Column("edge", "Edge"),
        Column("image", "Image"),
        Column("frequency", "Frequency", "mm⁻¹"),
        Column("value", "TTF"),
        Column("standard_error", "Standard error"),
    )
    rows = [
        (*place, *numbers)
        for place, part in parts.items()
        for numbers in np.stack((part.ttf.frequency, part.ttf.value, part.ttf.standard_error), axis=1).tolist()
    ]
    return ResultTable("Task transfer function, curves", columns, tuple(rows))


def _places(edges: Sequence[Edge]) -> ResultTable:
    columns = (
        Column("edge", "Edge"),
        Column("shape", "Shape"),
        *(Column(f"centre_{axis}", f"Centre {axis}", "mm") for axis in "xyz"),
        *(Column(f"size_{axis}", f"Size {axis}", "mm") for axis in "xyz"),
    )
    rows: list[tuple[Cell, ...]] = [
        (edge.name, "rod", *(edge.centre or ()), edge.diameter_mm, edge.diameter_mm, edge.depth_mm)
        if isinstance(edge, Rod)
        else (edge.name, "box", *edge.centre, *edge.size)
        for edge in edges
    ]
    return ResultTable("Places of edges (LPS)", columns, tuple(rows))


def _remarks(results: Sequence[_Result]) -> list[str]:
    return [f"{row[0]}, {row[1]}: {row[-1]}" for row in map(_row, results) if row[-1]]


def _reason(found: EdgePart | NotMeasurable) -> str:
    return found.reason if isinstance(found, NotMeasurable) else ""


def _viewing(tasks: Tasks) -> dict[str, float]:
    return {"viewing distance in mm": tasks.viewing.distance_mm, "zoom": tasks.viewing.zoom}


def _place(centre: Sequence[float]) -> str:
    """As it can be given to `--disc`."""
    return ",".join(f"{part:.1f}" for part in centre)
