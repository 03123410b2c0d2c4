"""ROI noise: HU and noise in regions of interest (ROIs) of all compared volumes, live while they are dragged."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import vtk

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.record import MeasurementRecord
from CTDenoiseLib.signal import Signal

from .comparison import ComparisonVolumes, Role
from .measured_changes import MeasuredChanges
from .measurement_record import identities
from .observers import Observers
from .place_markups import stop_placing_removed
from .roi_charts import RoiChart
from .roi_nodes import background_of, find_rois, make_background, mark, new_roi, place_box, select, selected_of
from .roi_outline import RoiOutlines
from .roi_placement import RoiPlacement
from .roi_record import DEFINITIONS
from .roi_results import RoiResults, RoiSettings
from .roi_shapes import RoiShape, describe, is_drawn
from .roi_uniform import free_uniform_places
from .scene_guard import SceneGuard
from .scene_nodes import nodes_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from slicer import (
        vtkMRMLMarkupsNode,
        vtkMRMLMarkupsROINode,
        vtkMRMLNode,
        vtkMRMLPlotChartNode,
        vtkMRMLScene,
        vtkMRMLSliceNode,
        vtkMRMLTableNode,
    )

    from .measured_volumes import MeasuredVolume, MeasuredVolumes


class RoiTool:
    """Keeps the figures of all ROIs of a scene up to date with the ROIs and the volumes.

    ROIs are ordinary markups nodes: the user drags, turns, renames, copies and deletes them and puts them under
    transforms. They are marked by an attribute, so that they are found again in a saved scene.

    Args:
        scene: Holds ROIs and volumes, and gets table and charts.
        images: Makes images of the volumes.

    Attributes:
        changed: Emits when there is something for `work` to do: many times a second while the user drags.

    Example:
        ```
        tool = RoiTool(scene, MeasuredVolumes(headers))
        tool.show(volumes, layout.slice_nodes())
        tool.new(RoiShape.CYLINDER)  # the user clicks twice
        while True:  # from a timer
            tool.work(0.01)
        ```
    """

    def __init__(self, scene: vtkMRMLScene, images: MeasuredVolumes) -> None:
        self.changed: Signal[[]] = Signal()
        self._scene = scene
        self._images = images
        self._volumes = ComparisonVolumes()
        self._views: tuple[vtkMRMLSliceNode, ...] = ()
        self._settings = RoiSettings()
        self._notices: tuple[str, ...] = ()
        self._obstacles: tuple[str, ...] = ()
        self._placement: RoiPlacement | None = None
        self._results = RoiResults(scene)
        self._stale = self._working = False
        self._outlines = RoiOutlines(scene)
        self._changes = MeasuredChanges(self._on_change)
        self._guard = SceneGuard(scene, on_removed=self._on_removed, on_close=self._on_close)
        self._observers = Observers()
        self._observe_nodes()
        self._follow_scene()

    @property
    def regions(self) -> tuple[vtkMRMLMarkupsNode, ...]:
        """The ROIs that are drawn, oldest first."""
        return tuple(node for node in find_rois(self._scene) if is_drawn(node))

    @property
    def background(self) -> vtkMRMLMarkupsNode | None:
        """The ROI that contrasts are taken against; kept with the node."""
        return background_of(self.regions)

    @background.setter
    def background(self, node: vtkMRMLMarkupsNode | None) -> None:
        make_background(node, find_rois(self._scene))

    @property
    def selected(self) -> tuple[vtkMRMLMarkupsNode, ...]:
        """The ROIs that charts are taken of; kept with the nodes.

        As long as there are none, the histogram is that of the ROI that was changed last, as materials do not mix, and
        the noise power spectrum is that of all ROIs.
        """
        return selected_of(self.regions)

    @selected.setter
    def selected(self, nodes: Iterable[vtkMRMLMarkupsNode]) -> None:
        select(tuple(nodes), find_rois(self._scene))

    @property
    def chart_kind(self) -> RoiChart:
        """Which chart is kept up to date."""
        return self._settings.chart

    @chart_kind.setter
    def chart_kind(self, kind: RoiChart) -> None:
        self._set(replace(self._settings, chart=kind))

    @property
    def resample(self) -> bool:
        """Whether volumes of other voxels than the first are interpolated at its voxels, which changes their noise."""
        return self._settings.resample

    @resample.setter
    def resample(self, resample: bool) -> None:
        self._set(replace(self._settings, resample=resample))

    @property
    def table_node(self) -> vtkMRMLTableNode | None:
        """A row for each ROI; `None` as long as there never was one."""
        return self._results.table_node

    @property
    def histogram_chart_node(self) -> vtkMRMLPlotChartNode | None:
        """How often HU occur; `None` as long as that was never the chart."""
        return self._results.histogram_chart_node

    @property
    def nps_chart_node(self) -> vtkMRMLPlotChartNode | None:
        """Noise power spectrum; `None` as long as that was never the chart."""
        return self._results.nps_chart_node

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences on what could not be measured, and why."""
        return self._notices + self._obstacles + self._results.problems

    def new(self, shape: RoiShape) -> vtkMRMLMarkupsNode:
        """Let the user draw a ROI with the next clicks into a view; one that was begun before and is not done, is gone.

        Two clicks set opposite corners; see `roi_placement` for the depth. Of a closed curve, each click sets a point,
        and a right click ends it.
        """
        if self._placement is not None:
            self._placement.abandon()
        self._notices = ()
        node = new_roi(self._scene, shape)
        self._placement = RoiPlacement(node, self._views)
        self._follow_scene()
        return node

    def add(self, node: vtkMRMLMarkupsNode) -> None:
        """Measure in markups that are there already: Slicer's own ROI, or a closed curve."""
        mark(node)
        self._follow_scene()

    def add_at(
        self,
        centre: ArrayLike,
        size: ArrayLike,
        shape: RoiShape = RoiShape.BOX,
        *,
        axes: NDArray[np.float64] | None = None,
    ) -> vtkMRMLMarkupsROINode:
        """Put a ROI into a place, without handles: they would hide most of a small one.

        Args:
            centre: In mm, RAS.
            size: Along its three axes in mm.
            shape: Any but a closed curve.
            axes: Its axes as rows, shape (3, 3), right-handed; those of the patient by default.
        """
        node = new_roi(self._scene, shape)
        node.GetDisplayNode().SetHandlesInteractive(False)
        place_box(node, centre, size, axes)
        self._follow_scene()
        return node

    def place_uniform(self, count: int = 5) -> tuple[vtkMRMLMarkupsNode, ...]:
        """Put ROIs where the first volume is uniform soft tissue or phantom, on screen if there is any.

        Places that have a ROI already are left out.

        Returns:
            The new ones; where there is no place, none, and `problems` says so.
        """
        volumes = self._measured_volumes()
        occupied = [np.array(node.GetCenterWorld()) for node in self.regions if node.IsA("vtkMRMLMarkupsROINode")]
        self._notices = ()
        try:
            places = free_uniform_places(volumes, self._views, count=count, occupied=occupied) if volumes else ()
        except MeasurementError as problem:
            self._notices = (str(problem),)
            self._on_change()
            return ()
        return tuple(self.add_at(place.centre, place.size, axes=place.axes) for place in places)

    def show(self, volumes: ComparisonVolumes, slice_nodes: Sequence[vtkMRMLSliceNode]) -> None:
        """Measure in these volumes.

        Args:
            volumes: What is compared.
            slice_nodes: The views in which the user draws.
        """
        self._views = tuple(slice_nodes)
        if volumes != self._volumes:
            self._volumes, self._notices = volumes, ()
            self._follow_scene()

    def work(self, budget_seconds: float) -> bool:
        """Measure what is out of date.

        It takes the budget and at most one ROI or chart more; a ROI of 10⁶ voxels in three volumes takes tens of
        milliseconds, a noise power spectrum as long.

        Returns:
            Whether to be called again soon.
        """
        if self._stale and not self._scene.IsBatchProcessing():
            self._stale, self._working = False, True
            try:
                self._stale = self._update(time.perf_counter() + budget_seconds)
            finally:
                self._working = False
        return self._stale

    def record(self) -> MeasurementRecord:
        """What table and chosen chart show, at full precision, with the ROIs, the images, and how it was measured."""
        self.work(math.inf)
        volumes = self._measured_volumes()
        background, tables = self._results.tables(volumes, self._settings)
        return MeasurementRecord(
            images=identities(volumes, self._images.headers),
            settings={
                "background": background,
                "interpolated at the voxels of the first image": self._settings.resample,
            },
            tables=tables,
            notes=(*DEFINITIONS, *self.problems),
        )

    def close(self) -> None:
        """Measure no more; ROIs, table and charts stay in the scene, outlines do not."""
        if self._placement is not None:
            self._placement.abandon()
        self._outlines.close()
        self._changes.stop()
        self._guard.stop()
        self._observers.clear()

    def _update(self, deadline: float) -> bool:
        """Measure until the deadline; whether something is left."""
        self._follow_scene()  # a node that is copied in Slicer gets its mark only after it was added
        volumes = self._measured_volumes()
        self._settle_placement(volumes)
        for roi in self.regions:
            describe(roi)
        return self._results.update(self.regions, volumes, self._settings, deadline=deadline)

    def _measured_volumes(self) -> tuple[MeasuredVolume, ...]:
        """The volumes, named after the views they are in; none if one is bent."""
        self._obstacles = ()
        try:
            volumes = self._images.of(self._volumes.still_in(self._scene))
        except MeasurementError as problem:
            self._obstacles = (str(problem),)
            return ()
        return tuple(volume.named_after_view for volume in volumes)

    def _settle_placement(self, volumes: Sequence[MeasuredVolume]) -> None:
        if self._placement is not None:
            views = (*self._views, *nodes_of(self._scene, "vtkMRMLSliceNode"))
            if self._placement.settle(views, volumes[0].image.grid if volumes else None):
                self._placement = None

    def _set(self, settings: RoiSettings) -> None:
        if settings != self._settings:
            self._settings = settings
            self._on_change()

    def _follow_scene(self, *_: object) -> None:
        """Take over which ROIs and volumes there are."""
        rois = find_rois(self._scene)
        make_background(background_of(rois), rois)  # a copy of it is none, nor is that of a scene that was added
        self._outlines.show(rois)
        volumes = dict.fromkeys(volume for role in Role if (volume := self._volumes.of(role)) is not None)
        self._changes.observe(volumes, rois)
        self._on_change()

    def _observe_nodes(self) -> None:
        @vtk.calldata_type(vtk.VTK_OBJECT)  # type: ignore[untyped-decorator]
        def added(_scene: vtkMRMLScene, _event: str, node: vtkMRMLNode) -> None:
            if node.IsA("vtkMRMLMarkupsNode") and not self._scene.IsBatchProcessing():
                self._follow_scene()

        self._observers.add(self._scene, self._scene.NodeAddedEvent, added)
        self._observers.add(self._scene, self._scene.EndBatchProcessEvent, self._follow_scene)
        interaction = self._scene.GetSingletonNode("Singleton", "vtkMRMLInteractionNode")
        if interaction is not None:
            self._observers.add(interaction, interaction.InteractionModeChangedEvent, self._on_mode)

    def _on_mode(self, *_: object) -> None:
        """The user may have given up drawing."""
        if self._placement is not None:
            self._on_change()

    def _on_change(self) -> None:
        if not self._working:
            self._stale = True
            self.changed.emit()

    def _on_removed(self, node: vtkMRMLNode) -> None:
        if self._scene.IsClosing():
            return
        if self._placement is not None and node is self._placement.node:
            stop_placing_removed(self._placement.node, self._scene)
        if node.IsA("vtkMRMLMarkupsNode"):
            self._follow_scene()
        elif any(node is self._volumes.of(role) for role in Role):
            self._volumes = self._volumes.still_in(self._scene)
            self._follow_scene()

    def _on_close(self) -> None:
        """The end of the batch, when all ROIs are gone, tells the rest."""
        self._volumes, self._views, self._placement = ComparisonVolumes(), (), None
