"""The linked views of a training: what each shows, how, and what its label says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from CTDenoiseScene.difference_display import DifferenceColours, DifferenceDisplay
from CTDenoiseScene.linked_views import LinkedViews, composite_of, link
from CTDenoiseScene.voxels import voxels_of
from CTDenoiseScene.window_level import SharedWindowLevel, WindowLevel

from .shown_volume import ShownVolume
from .stage import Content, Stage
from .training_layout_description import View

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLApplicationLogic, vtkMRMLScalarVolumeNode, vtkMRMLScene, vtkMRMLSliceNode

    from CTDenoiseTrainLib.worker.messages import DataSeen, PreviewReady

_FileVersion: TypeAlias = tuple[Path, int, int]

_CT_WINDOW = WindowLevel(400.0, 40.0)
# In CT, air around or in the patient is below this; other images have no fixed scale.
_CT_HAS_AIR_HU = -300.0
# The colours of the difference span so many SD of the noise: hardly a voxel is beyond.
_WIDTH_IN_SD = 6.0
_LEAST_WIDTH_HU = 1.0


class TrainingViews:
    """Fills the views of a layout that Slicer shows already.

    Args:
        scene: Holds the views; gets the volumes.
        application_logic: Knows the slice logics of the views.

    Attributes:
        window_level: Shared by input, output and target.
        difference: How the difference is shown.
    """

    def __init__(self, scene: vtkMRMLScene, application_logic: vtkMRMLApplicationLogic) -> None:
        self.window_level = SharedWindowLevel(scene)
        self.difference = DifferenceDisplay(scene)
        self.difference.colours = DifferenceColours.DIVERGING
        self.difference.changed.connect(self._label)
        self._scene = scene
        self._linked = LinkedViews(application_logic)
        self._contents: dict[Stage, Content] = {}
        self._stage: Stage | None = None
        self._shown: Content | None = None
        self._grid: tuple[object, ...] | None = None
        self._volumes = {view: ShownVolume(scene) for view in View}
        self._loaded: dict[View, _FileVersion] = {}
        self._fitted_width_hu = self.difference.width_hu

    @property
    def stage(self) -> Stage | None:
        """What is shown, or will be: what the user chose, else the latest that there is."""
        return self._stage if self._stage in self._contents else None

    @stage.setter
    def stage(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What there is to show."""
        return tuple(stage for stage in Stage if stage in self._contents)

    def nodes(self) -> tuple[vtkMRMLSliceNode, ...]:
        """The slice nodes in the order of reading; they exist once the layout was shown."""
        return tuple(self._node(view) for view in View)

    def offer_look(self, seen: DataSeen) -> None:
        """Have images and patches to show."""
        looks = {Stage.IMAGES: seen.volumes, Stage.PATCHES: seen.patches}
        for stage, volumes in looks.items():
            content = Content.of_look(stage, volumes)
            if content is not None:
                self._contents[stage] = content
                self._loaded.clear()
        self._stage = next(iter(self.stages), None)

    def offer_preview(self, preview: PreviewReady | None) -> None:
        """Have what the network makes now to show; nothing of a network with `None`."""
        if preview is None:
            self._contents.pop(Stage.NETWORK, None)
            self._stage = self.stage or next(iter(self.stages), None)
            return
        if Stage.NETWORK not in self._contents:
            self._stage = Stage.NETWORK
        self._contents[Stage.NETWORK] = Content.of_preview(preview)

    def clear(self) -> None:
        """Have nothing to show any more."""
        self._contents.clear()
        self._stage = None
        self.empty()

    def fill(self, *, like: vtkMRMLScalarVolumeNode | None) -> None:
        """Show the content of the stage.

        Args:
            like: A volume of the user's whose window and level to begin with, if there is one.
        """
        content = self._shown = self._contents.get(self._stage) if self._stage is not None else None
        if content is None:
            self.empty()
            return
        self._load(content)
        self._set_composites()
        lead = voxels_of(self._volumes[View.INPUT].node)
        grid = content.stage, content.geometry, None if lead is None else lead.shape
        another, self._grid = grid != self._grid, grid
        if another:
            self._share_window_level(like)
            self._place()
        self._show_difference(another)
        self._label()

    def empty(self) -> None:
        """Empty the views, and take the volumes out of the scene."""
        self._shown = self._grid = None
        self._loaded.clear()
        self._linked.clear()
        self.difference.show(None, None)
        self.window_level.release()
        for volume in self._volumes.values():
            volume.remove()
        self._label()

    def fit(self) -> None:
        """Show the whole image in all views."""
        self._linked.fit()

    def _node(self, view: View) -> vtkMRMLSliceNode:
        return self._scene.GetSingletonNode(view.tag, "vtkMRMLSliceNode")

    def _load(self, content: Content) -> None:
        """Take over those files that are new since the last time."""
        changed = False
        for view, volume in self._volumes.items():
            path = content.files.get(view)
            if path is not None:
                changed |= self._load_file(view, path, content)
            elif view is not View.DIFFERENCE or content.stage is not Stage.NETWORK:
                volume.remove()
        given, now = (voxels_of(self._volumes[view].node) for view in (View.INPUT, View.NOW))
        if changed and given is not None and now is not None and given.shape == now.shape:
            self._volumes[View.DIFFERENCE].show(given - now, name=_name(View.DIFFERENCE), geometry=content.geometry)

    def _load_file(self, view: View, path: Path, content: Content) -> bool:
        """Whether there was anything new; what cannot be read this very moment comes with the next preview."""
        volume = self._volumes[view]
        try:
            status = path.stat()
            version = path, status.st_mtime_ns, status.st_ino
            if volume.node is not None and self._loaded.get(view) == version:
                return False
            # Read, not mapped: a file that is mapped cannot be replaced on Windows.
            hu = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return False
        volume.show(hu, name=_name(view), geometry=content.geometry)
        self._loaded[view] = version
        return True

    def _set_composites(self) -> None:
        for view, volume in self._volumes.items():
            composite = composite_of(self._node(view))
            link(composite)
            composite.SetBackgroundVolumeID(None if volume.node is None else volume.node.GetID())
            composite.SetForegroundVolumeID(None)

    def _share_window_level(self, like: vtkMRMLScalarVolumeNode | None) -> None:
        images = [self._volumes[view].node for view in (View.INPUT, View.NOW, View.TARGET)]
        shown = [node for node in images if node is not None]
        kept = self.window_level.value
        self.window_level.share(shown)
        if shown and kept is None:
            self.window_level.set(_window_level(like, voxels_of(shown[0])))

    def _place(self) -> None:
        """Show all of the images, in the plane in which their sections lie."""
        lead = self._volumes[View.INPUT].node
        self._linked.clear()
        leader = None if lead is None else self._node(View.INPUT)
        self._linked.gather(self.nodes(), leader=leader, volume=lead)

    def _show_difference(self, another: bool) -> None:
        """Show it in a width that fits its noise, and grows with what the network finds until the user chooses one."""
        node = self._volumes[View.DIFFERENCE].node
        self.difference.show(node, None)
        if another:
            self._fitted_width_hu = self.difference.width_hu
        if self.difference.width_hu != self._fitted_width_hu:
            return
        fitting = float(f"{_WIDTH_IN_SD * self._noise_hu():.0e}")
        if fitting >= _LEAST_WIDTH_HU and (another or fitting > self._fitted_width_hu):
            self._fitted_width_hu = self.difference.width_hu = fitting

    def _noise_hu(self) -> float:
        """SD in the middle section, by the target where it is known: a network that is not trained yet finds none."""
        given, target, difference = (
            voxels_of(self._volumes[view].node) for view in (View.INPUT, View.TARGET, View.DIFFERENCE)
        )
        if given is not None and target is not None and given.shape == target.shape:
            noise = given[len(given) // 2] - target[len(target) // 2]
        elif difference is not None:
            noise = difference[len(difference) // 2]
        else:
            return 0.0
        # Where nothing is known of the noise, its map is 0.
        known = noise[noise != 0]
        return float(known.std()) if known.size else 0.0

    def _label(self) -> None:
        """Say in the bar of each view what it shows."""
        for view in View:
            node = self._node(view)
            if node is not None:
                content = self._shown
                label = view.value if content is None else content.label(view, width_hu=self.difference.width_hu)
                node.SetLayoutLabel(label)


def _name(view: View) -> str:
    return f"Training: {view.value.lower()}"


def _window_level(like: vtkMRMLScalarVolumeNode | None, hu: NDArray[np.float32] | None) -> WindowLevel:
    """That of the user's volume; else soft tissue for CT, and what spans nearly all values for other images."""
    display = None if like is None else like.GetScalarVolumeDisplayNode()
    if display is not None:
        return WindowLevel(display.GetWindow(), display.GetLevel())
    if hu is None or hu.min() < _CT_HAS_AIR_HU:
        return _CT_WINDOW
    low, high = np.percentile(hu[len(hu) // 2], (1, 99)).tolist()
    return WindowLevel(max(high - low, 1.0), (high + low) / 2)
