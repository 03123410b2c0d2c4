"""What the user chose, in the parameter node of the module: it survives saving and loading the scene."""

from __future__ import annotations

import enum
from typing import Annotated

import slicer
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper

from CTDenoiseScene.difference_display import DifferenceColours


class Scope(enum.Enum):
    """Which slices a run denoises."""

    ALL = "all"
    SLAB = "slab"

    def label(self) -> str:
        """For the menu."""
        return _("All") if self is Scope.ALL else _("Around the view")


class Interpolation(enum.Enum):
    """How a profile finds values between voxels."""

    LINEAR = "linear"
    CUBIC = "cubic"

    def label(self) -> str:
        """For the menu."""
        return _("Linear") if self is Interpolation.LINEAR else _("Cubic")


class ChartKind(enum.Enum):
    """What the row below the views shows: a chart, and the table that goes with it."""

    PROFILE = "profile"
    HISTOGRAM = "histogram"
    NPS = "nps"

    def label(self) -> str:
        """For the menu."""
        labels = {
            ChartKind.PROFILE: _("Profile"),
            ChartKind.HISTOGRAM: _("ROIs: histogram"),
            ChartKind.NPS: _("ROIs: noise power spectrum (NPS)"),
        }
        return labels[self]


@parameterNodeWrapper
class Parameters:
    """The names of these parameters are those in the dynamic properties `SlicerParameterName` of the .ui file.

    Attributes:
        input_volume: What to denoise.
        smooth_volume: Companion with a smooth kernel; `None` for the one that is found by itself, as for the next two.
        sharp_volume: Companion with a sharp kernel.
        denoised_volume: Denoised companion.
        model: Name of the model; empty for the first of the store.
        device: "auto" or a device of the worker.
        precision: "auto" or a precision of the device.
        scope: Which slices.
        slab_slices: How many, of a slab.
        strength: Share of the noise to remove, in percent.
        plot_row: Whether comparison layouts have a row for chart and table.
        fade: Share of the input that is laid over the output in place, in percent.
        difference_width: Width of the symmetric window of the difference, in HU.
        difference_colours: Its colour table.
        chart: What the row for chart and table shows.
        profile_width: How far to both sides together a profile averages, in mm; 0 for the line itself.
        interpolation: Of profiles.
        resample: Whether ROIs are measured in volumes of another voxel grid, too.
    """

    input_volume: slicer.vtkMRMLScalarVolumeNode
    smooth_volume: slicer.vtkMRMLScalarVolumeNode
    sharp_volume: slicer.vtkMRMLScalarVolumeNode
    denoised_volume: slicer.vtkMRMLScalarVolumeNode
    model: str
    device: str = "auto"
    precision: str = "auto"
    scope: Scope = Scope.ALL
    slab_slices: Annotated[int, WithinRange(1, 999)] = 21
    strength: Annotated[float, WithinRange(0.0, 100.0)] = 100.0
    plot_row: bool = False
    fade: Annotated[float, WithinRange(0.0, 100.0)] = 0.0
    difference_width: Annotated[float, WithinRange(10.0, 1000.0)] = 200.0
    difference_colours: DifferenceColours = DifferenceColours.GREY
    chart: ChartKind = ChartKind.PROFILE
    profile_width: Annotated[float, WithinRange(0.0, 100.0)] = 0.0
    interpolation: Interpolation = Interpolation.LINEAR
    resample: bool = False
