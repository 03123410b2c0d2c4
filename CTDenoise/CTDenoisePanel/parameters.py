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
        plot_row: Whether comparison layouts have a row for plots.
        fade: Share of the input that is laid over the output in place, in percent.
        difference_width: Width of the symmetric window of the difference, in HU.
        difference_colours: Its colour table.
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
