"""What the views of a training show: the images that it learns from, their patches, or what the network makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from CTDenoiseLib.volume import Geometry
from CTDenoiseScene.view_labels import difference_label

from .training_layout_description import View

if TYPE_CHECKING:
    from CTDenoiseTrainLib.worker.messages import PreviewReady, SeenVolume


class Stage(Enum):
    """What there is to show, in the order in which it appears."""

    IMAGES = "Images"
    PATCHES = "Patches"
    NETWORK = "Network"


_VIEWS = {"input": View.INPUT, "target": View.TARGET, "noise": View.DIFFERENCE}


@dataclass(frozen=True)
class Content:
    """Volumes for the views, as files of float32 HU, shape (z, y, x).

    Attributes:
        stage: What they are.
        files: By view. A stage without a difference has the one of input and now.
        geometry: Where all of them lie.
        epoch: Whose network it is; `None` before training.
    """

    stage: Stage
    files: Mapping[View, Path]
    geometry: Geometry
    epoch: int | None = None

    @classmethod
    def of_look(cls, stage: Stage, volumes: Iterable[SeenVolume]) -> Content | None:
        """The first volume of each role; `None` if there is none."""
        first: dict[View, SeenVolume] = {}
        for volume in volumes:
            if volume.role in _VIEWS:
                first.setdefault(_VIEWS[volume.role], volume)
        if not first:
            return None
        lead = next(iter(first.values()))
        geometry = Geometry(lead.spacing, lead.origin, lead.direction)
        return cls(stage, {view: Path(volume.file) for view, volume in first.items()}, geometry)

    @classmethod
    def of_preview(cls, preview: PreviewReady) -> Content:
        """What the network makes of validation sections."""
        files = {View.INPUT: Path(preview.input), View.NOW: Path(preview.now)}
        if preview.target is not None:
            files[View.TARGET] = Path(preview.target)
        return cls(Stage.NETWORK, files, Geometry(preview.spacing), preview.epoch)

    def label(self, view: View, *, width_hu: float) -> str:
        """What the bar above a view says, no longer than Slicer has room for.

        Args:
            view: Which.
            width_hu: Range of HU that the colours of the difference span.
        """
        if view is View.NOW and self.stage is not Stage.NETWORK:
            return "Not trained yet"
        if view is View.NOW:
            return f"After epoch {self.epoch}" if self.epoch else "Before training"
        if view is View.TARGET and view not in self.files:
            return "Target not known"
        if view is View.DIFFERENCE:
            label = difference_label(width_hu)
            return label if self.stage is Stage.NETWORK else label.replace("Difference", "Noise")
        return f"{view.value} patches" if self.stage is Stage.PATCHES else view.value
