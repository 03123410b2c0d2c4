"""What the user drew to measure in, ROIs and a line, as figures of input and output for the report."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.noise.uniform_region import RegionStatistics
from CTDenoiseLib.measure.profiles.path import ProfilePath
from CTDenoiseLib.measure.profiles.profile import sample_profiles
from CTDenoiseLib.measure.regions.region import Region, region_voxels
from CTDenoiseLib.measure.regions.roi_table import roi_table
from CTDenoiseLib.measure.regions.shapes import NamedShape
from CTDenoiseLib.report.figures import Drawn, LineFigures, RegionFigures, Span, plain

from .comparison import ComparisonVolumes
from .measured_volumes import MeasuredVolumes
from .profile_line import find_line, plane_of, points_of, settings_of
from .roi_nodes import find_rois
from .roi_shapes import is_drawn, shape_of

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.measure.image import Grid, MeasuredImage
    from CTDenoiseLib.measure.regions.roi_statistics import RoiStatistics

    from .headers import HeaderSource
    from .results import Results


@dataclass(frozen=True)
class FoundDrawn:
    """What was found in a scene.

    Attributes:
        drawn: What could be measured.
        problems: Sentences on what could not.
    """

    drawn: Drawn
    problems: tuple[str, ...] = ()


def drawn_figures(results: Results, headers: HeaderSource | None) -> Generator[None, None, FoundDrawn]:
    """Measure what is drawn in the scene of a result, one ROI or line a step.

    Args:
        results: With its input.
        headers: Where DICOM headers are kept, if anywhere.
    """
    scene = results.output.GetScene()
    nodes = [node for node in find_rois(scene) if is_drawn(node)]
    line = find_line(scene)
    if line is not None and len(points_of(line)) > 1:
        nodes.append(line)
    found = Drawn()
    problems = []
    for node in nodes:
        yield
        try:
            images = _images(results, headers)
            if node is line:
                found = replace(found, line=_line(node, images))
                continue
            region, problem = _region(node, images)
        except MeasurementError as error:
            problems.append(f"{node.GetName()}: {error}")
            continue
        found = replace(found, regions=(*found.regions, region))
        if problem:
            problems.append(f"{node.GetName()}: {problem}")
    return FoundDrawn(found, tuple(problems))


def _images(results: Results, headers: HeaderSource | None) -> Sequence[MeasuredImage]:
    """Input and output as they are now."""
    volumes = ComparisonVolumes(input=results.input, denoised=results.output)
    return [volume.image for volume in MeasuredVolumes(headers).of(volumes)]


def _region(node: slicer.vtkMRMLMarkupsNode, images: Sequence[MeasuredImage]) -> tuple[RegionFigures, str]:
    """With a sentence on what could not be measured."""
    shape = shape_of(node)
    region = region_voxels(shape, images[0].grid)
    table = roi_table([NamedShape(node.GetName(), shape)], images)
    before, after = map(_statistics, table.statistics[0])
    section = region.sections[len(region.sections) // 2]
    spans = _spans(region, section)
    figures = RegionFigures(name=node.GetName(), section=section, spans=spans, before=before, after=after)
    return figures, table.problems[0]


def _statistics(found: RoiStatistics | None) -> RegionStatistics | None:
    return None if found is None else RegionStatistics(mean_hu=found.mean, noise_hu=found.sd)


def _spans(region: Region, section: int) -> tuple[Span, ...]:
    """Its pixels in one section, row by row."""
    spans = region.spans
    there = spans.section == section
    columns = (spans.row[there], spans.start[there], spans.stop[there])
    return tuple((int(row), int(first), int(stop)) for row, first, stop in zip(*columns, strict=True))


def _line(node: slicer.vtkMRMLMarkupsNode, images: Sequence[MeasuredImage]) -> LineFigures:
    settings = replace(settings_of(node), plane_normal=plane_of(node))
    points = points_of(node)
    profiles = sample_profiles(images, ProfilePath(points), settings)
    before, after = map(plain, profiles.hu)
    section, path = _in_section(points, images[0].grid)
    return LineFigures(
        section=section,
        path=path,
        width_mm=settings.width_mm,
        distance=tuple(profiles.distance_mm.tolist()),
        before=before,
        after=after,
    )


def _in_section(points: NDArray[np.float64], grid: Grid) -> tuple[int | None, tuple[tuple[float, float], ...]]:
    """The section that points lie in, `None` if there is no one such; and their places (y, x) in it, in pixels."""
    index = grid.to_index(points)
    path = tuple((float(y), float(x)) for y, x in index[:, 1:])
    nearest = np.unique(np.rint(index[:, 0]).astype(int))
    if len(nearest) > 1 or not 0 <= nearest[0] < grid.shape[0]:
        return None, path
    return int(nearest[0]), path
