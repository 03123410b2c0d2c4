"""Line profile: HU along a line or curve in all compared volumes, in a chart and a table, live while it is dragged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import vtk

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.profiles.path import ProfilePath
from CTDenoiseLib.measure.profiles.profile import ProfileSettings, sample_profiles
from CTDenoiseLib.measure.record import MeasurementRecord
from CTDenoiseLib.signal import Signal

from . import profile_line
from .comparison import ComparisonVolumes, Role
from .drawing_plane import drawing_plane
from .measured_changes import MeasuredChanges
from .measurement_record import identities
from .observers import Observers
from .place_markups import remove_unplaced, start_placing, stop_placing_removed
from .profile_record import profile_record, remarks
from .profile_results import ProfileResults
from .scene_guard import SceneGuard
from .scene_nodes import nodes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import (
        vtkMRMLMarkupsNode,
        vtkMRMLNode,
        vtkMRMLPlotChartNode,
        vtkMRMLScene,
        vtkMRMLSliceNode,
        vtkMRMLTableNode,
    )

    from CTDenoiseLib.measure.profiles.profile import Profiles
    from CTDenoiseLib.volume import Vector

    from .measured_volumes import MeasuredVolume, MeasuredVolumes


class ProfileTool:
    """Keeps the profile of one line up to date with the line, its settings, and the volumes.

    The line is an ordinary markups node: the user drags it in any view, renames or deletes it, and puts it under
    transforms. It is marked by an attribute, which is saved with the scene together with the settings, so that the
    profile goes on when the scene is opened.

    Args:
        scene: Holds line and volumes, and gets chart and table.
        images: Makes images of the volumes.

    Attributes:
        changed: Emits when there is something for `work` to do, or another line than before; once until `work` is
            called, however many events there are.
        profiles: HU along the line as last measured; `None` without a line or volumes, and while it is being drawn.
        problem: A sentence that says why there are no HU along the line, or along a part of it; empty without.

    Example:
        ```
        tool = ProfileTool(scene, MeasuredVolumes(headers))
        tool.show(volumes, layout.slice_nodes())
        tool.new_line()  # the user clicks twice
        while True:  # from a timer
            tool.work(0.01)
        ```
    """

    def __init__(self, scene: vtkMRMLScene, images: MeasuredVolumes) -> None:
        self.changed: Signal[[]] = Signal()
        self.profiles: Profiles | None = None
        self.problem = ""
        self._scene = scene
        self._images = images
        self._line: vtkMRMLMarkupsNode | None = None
        self._made: vtkMRMLMarkupsNode | None = None
        self._settings = ProfileSettings()
        self._volumes = ComparisonVolumes()
        self._views: tuple[vtkMRMLSliceNode, ...] = ()
        self._measured: tuple[MeasuredVolume, ...] = ()
        self._drawn: NDArray[np.float64] | None = None
        self._stale = False
        self._working = False
        self._results = ProfileResults(scene)
        self._changes = MeasuredChanges(self._on_change)
        self._guard = SceneGuard(scene, on_removed=self._on_removed, on_close=self._on_close)
        self._observers = Observers()
        self._observe_scene()
        self._follow_marks()

    @property
    def line(self) -> vtkMRMLMarkupsNode | None:
        """The line or curve, which may still be without points."""
        return self._line

    @property
    def settings(self) -> ProfileSettings:
        """Interpolation, width and step; the plane of the width is found for each line."""
        return self._settings

    @settings.setter
    def settings(self, settings: ProfileSettings) -> None:
        settings = replace(settings, plane_normal=None)
        if settings != self._settings:
            self._settings = settings
            if self._line is not None:
                profile_line.mark(self._line, settings)
            self._on_change()

    @property
    def chart_node(self) -> vtkMRMLPlotChartNode | None:
        """The chart; `None` while there is nothing to show."""
        return self._results.chart_node if self.profiles is not None else None

    @property
    def table_node(self) -> vtkMRMLTableNode | None:
        """The table, which is empty while there is nothing to show; `None` as long as there never was."""
        return self._results.table_node

    def new_line(self) -> vtkMRMLMarkupsNode:
        """Let the user draw a line: the next two clicks into views set its ends. A former line stays in the scene."""
        return self._new(profile_line.LINE)

    def new_curve(self) -> vtkMRMLMarkupsNode:
        """Let the user draw a curve: clicks into views set its points, a right click ends it."""
        return self._new(profile_line.CURVE)

    def choose(self, line: vtkMRMLMarkupsNode | None) -> None:
        """Measure along another line or curve, or along none."""
        if line is self._line:
            return
        if self._line is not None:
            profile_line.unmark(self._line)
        if line is not None:
            profile_line.mark(line, self._settings)
        self._adopt(line)

    def show(self, volumes: ComparisonVolumes, slice_nodes: Sequence[vtkMRMLSliceNode]) -> None:
        """Measure in these volumes.

        Args:
            volumes: What is compared.
            slice_nodes: The views in which the user draws; a width lies in the plane of one of them.
        """
        self._views = tuple(slice_nodes)
        if volumes != self._volumes:
            self._volumes = volumes
            self._observe()
            self._on_change()

    def work(self, _budget_seconds: float) -> bool:
        """Measure anew if anything has changed. It takes one pass whatever the budget: a few milliseconds.

        Returns:
            Whether to be called again soon, as the scene is busy.
        """
        if self._stale and not self._scene.IsBatchProcessing():
            self._stale, self._working = False, True
            try:
                self._update()
            finally:
                self._working = False
        return self._stale

    def record(self) -> MeasurementRecord:
        """What was measured last: features and HU along the line at full precision, on which images, and how."""
        if self.profiles is None or self._line is None:
            return MeasurementRecord(images=())
        images = identities(self._measured, self._images.headers)
        return profile_record(self._line.GetName(), images, self.profiles)

    def close(self) -> None:
        """Measure no more; line, chart and table stay in the scene."""
        self._changes.stop()
        self._guard.stop()
        self._observers.clear()

    def _new(self, kind: str) -> vtkMRMLMarkupsNode:
        line = self._line
        begun = line is not None and len(profile_line.points_of(line)) < 2
        if line is not None and begun and line.IsA(kind):
            line.RemoveAllControlPoints()  # the user began to draw it, and begins again
        else:
            if line is not None and begun and line is self._made:
                remove_unplaced(line)  # the user goes on with a curve in place of a line, or the other way round
            self._made = line = profile_line.make_line(self._scene, kind)
            self.choose(line)
        start_placing(line)
        return line

    def _adopt(self, line: vtkMRMLMarkupsNode | None) -> None:
        self._line, self._drawn, self.profiles, self.problem = line, None, None, ""
        if line is not self._made:
            self._made = None
        self._observe()
        self._on_change()

    def _observe(self) -> None:
        volumes = [self._volumes.of(role) for role in Role]
        shown = dict.fromkeys(volume for volume in volumes if volume is not None)
        self._changes.observe(shown, () if self._line is None else (self._line,))

    def _update(self) -> None:
        self._follow_marks()
        self.profiles, self.problem = None, ""
        try:
            self.profiles = self._measure()
        except MeasurementError as error:
            self.problem = str(error)
        if self.profiles is None or self._line is None:
            self._results.clear()
        else:
            self._results.show(self._line.GetName(), self._measured, self.profiles)
            self.problem = " ".join(remarks(self.profiles))

    def _measure(self) -> Profiles | None:
        """HU along the line; `None` while there is no line, none with two points, or no volume."""
        if self._line is None:
            return None
        points = profile_line.points_of(self._line)
        if len(points) < 2:
            return None
        path = ProfilePath(points)
        self._measured = tuple(volume.named_after_view for volume in self._images.of(self._volumes))
        if not self._measured:
            return None
        settings = replace(self._settings, plane_normal=self._plane(self._line, points))
        return sample_profiles([volume.image for volume in self._measured], path, settings)

    def _plane(self, line: vtkMRMLMarkupsNode, points: NDArray[np.float64]) -> Vector | None:
        """Normal of the plane in which the line was drawn. It stays when a view is scrolled or turned later."""
        drawn, plane = profile_line.control_points_of(line), profile_line.plane_of(line)
        if plane is None or (self._drawn is not None and not np.array_equal(drawn, self._drawn)):
            plane = drawing_plane(points, self._views or nodes_of(self._scene, "vtkMRMLSliceNode"))
            profile_line.keep_plane(line, plane)
        self._drawn = drawn
        return plane

    def _on_change(self) -> None:
        if not self._stale and not self._working:
            self._stale = True
            self.changed.emit()

    def _on_removed(self, node: vtkMRMLNode) -> None:
        if self._line is not None and node is self._line:
            stop_placing_removed(self._line, self._scene)
            self._adopt(None)
        elif any(node is self._volumes.of(role) for role in Role):
            self._volumes = self._volumes.still_in(self._scene)
            self._observe()
            self._on_change()

    def _on_close(self) -> None:
        self._volumes, self._views, self._measured = ComparisonVolumes(), (), ()
        self._adopt(None)

    def _observe_scene(self) -> None:
        @vtk.calldata_type(vtk.VTK_OBJECT)  # type: ignore[untyped-decorator]
        def added(_scene: vtkMRMLScene, _event: str, node: vtkMRMLNode) -> None:
            if node.IsA("vtkMRMLMarkupsNode") and not self._scene.IsBatchProcessing():
                self._follow_marks()
                self._on_change()  # a node that is copied in Slicer gets its mark only after it was added

        self._observers.add(self._scene, self._scene.NodeAddedEvent, added)
        self._observers.add(self._scene, self._scene.EndImportEvent, self._follow_marks)

    def _follow_marks(self, *_: object) -> None:
        """Go on with a line that was saved with the scene, or came back by Undo, unless there is one already."""
        line = self._line or profile_line.find_line(self._scene)
        if line is None:
            return
        profile_line.unmark_others(self._scene, line)
        if line is not self._line:
            self._settings = profile_line.settings_of(line)
            self._adopt(line)
