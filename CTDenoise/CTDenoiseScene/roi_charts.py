"""Charts of what is in ROIs: how often each HU occurs, and the noise power spectrum, of all compared volumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.measured import NotMeasurable
from CTDenoiseLib.measure.noise.nps_regions import square_regions
from CTDenoiseLib.measure.noise.nps_table import compare_spectra, nps_curve_table, nps_table
from CTDenoiseLib.measure.regions.histogram import histogram
from CTDenoiseLib.measure.regions.region import region_voxels
from CTDenoiseLib.measure.regions.region_samples import region_samples
from CTDenoiseLib.measure.result_table import Column, ResultTable

from .chart_colours import curve_colour, curve_style
from .measurement_chart import Chart, Curve, shortened

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLScene

    from CTDenoiseLib.measure.regions.histogram import Histogram
    from CTDenoiseLib.measure.regions.shapes import Shape

    from .measured_volumes import MeasuredVolume


class RoiChart(Enum):
    """Charts of ROIs."""

    NONE = "none"
    HISTOGRAM = "histogram"
    NPS = "nps"


@dataclass(frozen=True)
class ChartFigures:
    """What a chart shows.

    Attributes:
        tables: At full precision, for the record.
        problems: Sentences on what is missing or to be taken with care.
    """

    tables: tuple[ResultTable, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Charted:
    """What to draw a chart of.

    Attributes:
        shapes: ROIs; what they hold is taken together.
        title: Of the ROIs, such as "ROI 1, ROI 2".
        volumes: One curve each, the input first.
        resample: Whether volumes of other voxels than the first are interpolated; never for a spectrum.
    """

    shapes: Sequence[Shape]
    title: str
    volumes: Sequence[MeasuredVolume]
    resample: bool


class RoiCharts:
    """The charts in the scene.

    Args:
        scene: Gets the nodes.

    Attributes:
        histogram: Share of the voxels in bins of HU.
        nps: Noise power over spatial frequency.
    """

    def __init__(self, scene: vtkMRMLScene) -> None:
        self.histogram = Chart(
            scene, "histogram", title="Histogram", x_title="HU", y_title="Voxels [%]", from_zero=True
        )
        self.nps = Chart(
            scene,
            "nps",
            title="Noise power spectrum",
            x_title="Spatial frequency [mm⁻¹]",
            y_title="NPS [HU²·mm²]",
            from_zero=True,
        )

    def draw(self, kind: RoiChart, charted: Charted) -> ChartFigures:
        """Draw one of the charts, empty where nothing can be measured."""
        if kind is RoiChart.NONE:
            return ChartFigures()
        chart, work = {
            RoiChart.HISTOGRAM: (self.histogram, _draw_histogram),
            RoiChart.NPS: (self.nps, _draw_spectra),
        }[kind]
        problem: tuple[str, ...] = ()
        if charted.shapes and charted.volumes:
            try:
                return work(chart, charted)
            except MeasurementError as error:
                problem = (f"{charted.title}: {error}",)
        chart.show(np.empty(0), ())
        return ChartFigures(problems=problem)


def _draw_histogram(chart: Chart, charted: Charted) -> ChartFigures:
    images = [volume.image for volume in charted.volumes]
    samples = [
        region_samples(region_voxels(shape, images[0].grid), images, resample=charted.resample).values
        for shape in charted.shapes
    ]
    found = histogram([np.concatenate(of_one_image) for of_one_image in zip(*samples, strict=True)])
    # One empty bin more on each side brings the curves down to 0.
    width = found.edges[1] - found.edges[0]
    x = np.concatenate([found.centres[:1] - width, found.centres, found.centres[-1:] + width])
    share = np.pad(found.share, ((0, 0), (1, 1)))
    chart.show(x, _curves(charted.volumes, share), title=f"Histogram of {charted.title}")
    return ChartFigures((_histogram_table(found, charted.volumes),))


def _draw_spectra(chart: Chart, charted: Charted) -> ChartFigures:
    images = [volume.image for volume in charted.volumes]
    regions = square_regions(charted.shapes, images[0])
    spectra = compare_spectra(regions, images)
    names = [image.name for image in images]
    problems, shown = [], []
    for volume, spectrum in zip(charted.volumes, spectra, strict=True):
        if isinstance(spectrum, NotMeasurable):
            problems.append(f"Noise power spectrum of {volume.image.name}: {spectrum.reason}")
        else:
            shown.append((volume, spectrum))
    # What is wrong with a region is wrong in all volumes, and shows best where there is least noise.
    clearest = min((spectrum for _, spectrum in shown), key=lambda spectrum: spectrum.variance, default=None)
    problems += [f"Noise power spectrum: {warning}" for warning in (clearest.warnings if clearest else ())]
    frequency = shown[0][1].frequency if shown else np.empty(0)
    curves = _curves([volume for volume, _ in shown], [spectrum.power for _, spectrum in shown])
    chart.show(frequency, curves, title=f"Noise power spectrum of {charted.title}")
    tables = [nps_table(names, spectra)]
    if shown:
        tables.append(nps_curve_table([volume.image.name for volume, _ in shown], [spectrum for _, spectrum in shown]))
    return ChartFigures(tuple(tables), tuple(problems))


def _curves(
    volumes: Sequence[MeasuredVolume], values: Sequence[NDArray[np.float64]] | NDArray[np.float64]
) -> list[Curve]:
    return [
        Curve(shortened(volume.image.name), each, curve_colour(volume.role), curve_style(volume.role))
        for volume, each in zip(volumes, values, strict=True)
    ]


def _histogram_table(found: Histogram, volumes: Sequence[MeasuredVolume]) -> ResultTable:
    columns = (
        Column("from", "From", "HU"),
        Column("to", "To", "HU"),
        *(Column(f"count_{place}", f"{volume.image.name}: voxels") for place, volume in enumerate(volumes)),
    )
    rows = zip(found.edges[:-1].tolist(), found.edges[1:].tolist(), *found.counts.tolist(), strict=True)
    return ResultTable("Histogram", columns, tuple(rows))
