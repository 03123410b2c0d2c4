"""What a line profile found, as the user sees it: the chart of all curves, and the table of their features."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from CTDenoiseLib.measure.measured import Measured
from CTDenoiseLib.measure.profiles.profile_features import profile_features
from CTDenoiseLib.measure.result_table import Column, ResultTable

from . import measurement_tables
from .chart_colours import curve_colour, curve_style
from .measurement_chart import Chart, Curve, shortened

if TYPE_CHECKING:
    from slicer import vtkMRMLPlotChartNode, vtkMRMLScene, vtkMRMLTableNode

    from CTDenoiseLib.measure.measured import Measurement
    from CTDenoiseLib.measure.profiles.profile import Profiles
    from CTDenoiseLib.measure.profiles.profile_features import ProfileFeatures

    from .measured_volumes import MeasuredVolume

_KEY = "profile"
_COLUMNS = (
    Column("volume", "Volume"),
    Column("fwhm", "FWHM", "mm"),
    Column("edge_distance", "10–90 %", "mm"),
    Column("edge_slope", "Slope", "HU/mm"),
    Column("peak_contrast", "Peak contrast", "HU"),
)
_DECIMALS = {"mm": 2, "HU": 0, "HU/mm": 0}  # of a value whose uncertainty is not known


class ProfileResults:
    """Chart and table of a profile, found again in a scene that was saved with them.

    Args:
        scene: Gets the nodes, when there is something to show for the first time.
    """

    def __init__(self, scene: vtkMRMLScene) -> None:
        self._scene = scene
        self._chart = Chart(scene, _KEY, title="Line profile", x_title="distance / mm", y_title="HU")
        self._table: vtkMRMLTableNode | None = None

    @property
    def chart_node(self) -> vtkMRMLPlotChartNode | None:
        """The chart; `None` as long as there was nothing to show."""
        return self._chart.node

    @property
    def table_node(self) -> vtkMRMLTableNode | None:
        """The table; `None` as long as there was nothing to show."""
        if self._table is not None and not self._scene.IsNodePresent(self._table):
            self._table = None
        return self._table

    def show(self, line_name: str, volumes: Sequence[MeasuredVolume], profiles: Profiles) -> None:
        """Show the profiles of these volumes."""
        names = [shortened(name) for name in profiles.names]
        curves = [
            Curve(name, hu, curve_colour(volume.role), curve_style(volume.role))
            for name, hu, volume in zip(names, profiles.hu, volumes, strict=True)
        ]
        title = f"{shortened(line_name)}, {profiles.distance_mm[-1]:.1f} mm"
        self._chart.show(profiles.distance_mm, curves, title=title)
        features = [profile_features(profiles.distance_mm, hu) for hu in profiles.hu]
        self._show_table(
            tuple((name, *map(feature_text, _measurements(found))) for name, found in zip(names, features, strict=True))
        )

    def clear(self) -> None:
        """Show nothing."""
        self._chart.show(np.empty(0), ())
        if self.table_node is not None:
            self._show_table(())

    def _show_table(self, rows: tuple[tuple[str, ...], ...]) -> None:
        if self.table_node is None:
            self._table = measurement_tables.table_node(self._scene, _KEY, "Line profile")
        measurement_tables.show_table(self._table, ResultTable("Line profile", _COLUMNS, rows))


def _measurements(features: ProfileFeatures) -> tuple[Measurement, ...]:
    return features.fwhm, features.edge_distance, features.edge_slope, features.peak_contrast


def feature_text(measurement: Measurement) -> str:
    """Such as "2.31 ± 0.05", as many digits as the uncertainty allows, or "No peak"."""
    if not isinstance(measurement, Measured):
        return re.split("[:;]", measurement.reason.rstrip("."), maxsplit=1)[0]
    value, uncertainty = measurement.value, measurement.uncertainty
    if not uncertainty:
        return _with_minus(f"{value:.{_DECIMALS[measurement.unit]}f}")
    size = math.floor(math.log10(uncertainty))
    # An uncertainty that begins with 1 has a second digit: rounding 1.4 to 1 would change it by a third.
    decimals = max(0, -size + (uncertainty / 10**size < 2))
    return _with_minus(f"{value:.{decimals}f} ± {uncertainty:.{decimals}f}")


def _with_minus(text: str) -> str:
    return text.replace("-", "−")
