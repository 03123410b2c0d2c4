"""What the user chose, in the parameter node of the module: it survives saving and loading the scene."""

from __future__ import annotations

import enum
from typing import Annotated

import slicer
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper


class LearningLayers(enum.Enum):
    """Which layers of a model learn when it is fine-tuned; the values are those of recipes."""

    ALL = "all"
    DECODER = "decoder"
    LAST_BLOCK = "last-block"

    def label(self) -> str:
        """For the menu."""
        labels = {
            LearningLayers.ALL: _("All layers"),
            LearningLayers.DECODER: _("Decoder only"),
            LearningLayers.LAST_BLOCK: _("Last block only"),
        }
        return labels[self]


@parameterNodeWrapper
class Parameters:
    """The names of these parameters are those in the dynamic properties `SlicerParameterName` of the .ui file.

    Figures of the recipe are those of the preset until the user changes them; the ones here count for nothing.

    Attributes:
        volume: What the model is to denoise.
        source: Key of a source of pairs (`sources.SourceKind.key`); empty for the one that is proposed.
        noisy_volume: Volume in the role “noisy”; `None` for the one that is proposed, as for the next two.
        clean_volume: Volume in the role “clean”.
        iterative_volume: Volume in the role “iterative”.
        model: Name of the model to fine-tune; empty for a new model.
        preset: Key of a preset; empty until one was chosen.
        layers: Which layers learn, in fine-tuning.
        share: Share of the training sections that is used in fine-tuning, in percent.
        epochs: At most so many.
        batch: Patches a step.
        rate: Highest learning rate.
        patches: Patches an epoch.
        side: Rows and columns of a patch.
        scale_low: Lowest factor that noise is multiplied by.
        scale_high: Highest factor.
        seed: Of everything that chance decides.
        device: "auto" or a device of the worker.
        precision: "auto" or a precision of the device.
        model_name: Of the model to be; empty until it is proposed.
        model_title: Likewise.
    """

    volume: slicer.vtkMRMLScalarVolumeNode
    source: str
    noisy_volume: slicer.vtkMRMLScalarVolumeNode
    clean_volume: slicer.vtkMRMLScalarVolumeNode
    iterative_volume: slicer.vtkMRMLScalarVolumeNode
    model: str
    preset: str
    layers: LearningLayers = LearningLayers.ALL
    share: Annotated[int, WithinRange(5, 100)] = 20
    epochs: Annotated[int, WithinRange(1, 100000)] = 100
    batch: Annotated[int, WithinRange(1, 1024)] = 16
    rate: Annotated[float, WithinRange(1e-5, 1.0)] = 1e-3
    patches: Annotated[int, WithinRange(1, 10000000)] = 1600
    side: Annotated[int, WithinRange(16, 512)] = 64
    scale_low: Annotated[float, WithinRange(0.05, 10.0)] = 0.5
    scale_high: Annotated[float, WithinRange(0.05, 10.0)] = 1.5
    seed: Annotated[int, WithinRange(0, 2147483647)] = 0
    device: str = "auto"
    precision: str = "auto"
    model_name: str
    model_title: str
