"""The linked views of a comparison: which volume each shows, how, and what its label says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import vtk

from .comparison import Comparison, ComparisonVolumes, Role
from .difference_display import DifferenceDisplay
from .in_place import InPlace
from .layout_description import VIEW_GROUP
from .linked_views import LinkedViews, composite_of, link, offset_in
from .observers import Observers
from .origin import Origin, origin
from .results import Results
from .scene_nodes import nodes_of
from .view_labels import NOT_DENOISED_HERE, difference_label, fade_label, missing_label, volume_label
from .visible_sections import visible_sections
from .window_level import SharedWindowLevel

if TYPE_CHECKING:
    from slicer import (
        vtkMRMLApplicationLogic,
        vtkMRMLNode,
        vtkMRMLScalarVolumeNode,
        vtkMRMLScene,
        vtkMRMLSliceNode,
    )

    from .headers import HeaderSource

# Views are placed by the first of these that shows something: what was denoised, before what it is compared with.
_LEADERS = (Role.INPUT, Role.SHARP, Role.DENOISED, Role.DIFFERENCE, Role.SMOOTH)


class ComparisonViews:
    """Fills the views of a layout that Slicer shows already.

    Args:
        scene: Holds volumes and views.
        application_logic: Knows the slice logics of the views.
        headers: DICOM headers for the labels, where there are any.

    Attributes:
        volumes: What is shown.
        window_level: Shared by all CT volumes that are shown.
        difference: How the difference is shown.
        in_place: Blinks and fades between input and output; `None` unless both are there.
    """

    def __init__(
        self, scene: vtkMRMLScene, application_logic: vtkMRMLApplicationLogic, headers: HeaderSource | None
    ) -> None:
        self.volumes = ComparisonVolumes()
        self.window_level = SharedWindowLevel(scene)
        self.difference = DifferenceDisplay(scene)
        self.in_place: InPlace | None = None
        self._scene = scene
        self._headers = headers
        self._linked = LinkedViews(application_logic)
        self._comparison: Comparison | None = None
        self._shown: dict[Role, str | None] = {}
        self._output_as_shown: tuple[str, float] | None = None
        self._not_denoised: frozenset[Role] = frozenset()
        self._output_observers = Observers()
        self._view_observers = Observers()
        self._composite_observers = Observers()
        self.difference.changed.connect(self._label)

    def nodes(self, comparison: Comparison) -> tuple[vtkMRMLSliceNode, ...]:
        """The slice nodes of a comparison, in the order of reading."""
        return tuple(self._node(role) for role in comparison.roles)

    def show(self, comparison: Comparison, volumes: ComparisonVolumes, *, placed: bool = False) -> None:
        """Show volumes in the views of a comparison, all at the same place.

        Args:
            comparison: Whose views; they exist.
            volumes: What to show.
            placed: The views are where they should be, as after opening a scene.
        """
        self._comparison, self.volumes = comparison, volumes
        self._fill()
        self._share_window_level()
        self.difference.show(volumes.noise if Role.DIFFERENCE in comparison.roles else None, volumes.denoised)
        self._offer_in_place()
        self._observe_output()
        self._place(placed=placed)
        self._observe_views()
        self._label()

    def clear(self) -> None:
        """Empty all views and give the volumes the windows and levels they had before."""
        self._comparison, self.volumes, self.in_place = None, ComparisonVolumes(), None
        self._fill()
        self._output_observers.clear()
        self._view_observers.clear()
        self._linked.clear()
        self.difference.show(None, None)
        self.window_level.restore()

    def shown(self, comparison: Comparison) -> ComparisonVolumes:
        """What the views of a comparison show now, whoever set it, such as the scene file."""
        nodes = {role: self._node_by(node_id) for role, node_id in self._ids_shown(comparison.roles).items()}
        denoised = nodes.get(Role.DENOISED)
        result = Results.of(denoised)
        return ComparisonVolumes(
            input=nodes.get(Role.INPUT) or (result and result.input),
            smooth=nodes.get(Role.SMOOTH),
            sharp=nodes.get(Role.SHARP),
            denoised=denoised,
            noise=nodes.get(Role.DIFFERENCE) or (result and result.noise),
        )

    def fit(self) -> None:
        """Show the whole volume in all views."""
        self._linked.fit()

    def _node(self, role: Role) -> vtkMRMLSliceNode:
        return self._scene.GetSingletonNode(role.tag, "vtkMRMLSliceNode")

    def _node_by(self, node_id: str | None) -> vtkMRMLScalarVolumeNode | None:
        return self._scene.GetNodeByID(node_id) if node_id else None

    def _fill(self) -> None:
        """Give each view its volume; views that are not shown get none."""
        self._composite_observers.clear()
        roles = self._comparison.roles if self._comparison is not None else ()
        for role in Role:
            node, volume = self._node(role), self.volumes.of(role) if role in roles else None
            if node is None:  # a view that no layout has shown so far
                continue
            composite = composite_of(node)
            link(composite)
            composite.SetBackgroundVolumeID(volume.GetID() if volume is not None else None)
            composite.SetForegroundVolumeID(None)
            if role in roles:
                self._composite_observers.add(composite, vtk.vtkCommand.ModifiedEvent, self._on_composite_modified)
        self._shown = self._ids_shown(roles)

    def _ids_shown(self, roles: Iterable[Role]) -> dict[Role, str | None]:
        return {role: composite_of(self._node(role)).GetBackgroundVolumeID() for role in roles}

    def _on_composite_modified(self, *_: object) -> None:
        """The user picked another volume for a view: its label must not go on naming the former one."""
        now = self._ids_shown(self._shown)
        if now != self._shown:
            self._shown = now
            self._share_window_level()
            self._label()

    def _share_window_level(self) -> None:
        """Share one window among all that is CT, whatever view it is in."""
        shown = (node for node in map(self._node_by, self._shown.values()) if node not in (None, self.volumes.noise))
        self.window_level.share(node for node in shown if origin(node, self._headers) is not Origin.NOISE)

    def _offer_in_place(self) -> None:
        self.in_place = None
        over = self.volumes.of(Role.INPUT) or self.volumes.of(Role.SHARP)
        if over is not None and self.volumes.denoised is not None:
            self.in_place = InPlace(composite_of(self._node(Role.DENOISED)), over)
            self.in_place.changed.connect(self._label)

    def _observe_output(self) -> None:
        """Follow model and strength of the output, which may change while it is shown."""
        self._output_observers.clear()
        output = self.volumes.denoised
        if output is not None:
            self._output_as_shown = _model_and_strength(output)
            self._output_observers.add(output, vtk.vtkCommand.ModifiedEvent, self._on_output_modified)

    def _on_output_modified(self, output: vtkMRMLNode, _event: str) -> None:
        now = _model_and_strength(output)
        if now != self._output_as_shown:  # the output is modified with each section that arrives, too
            self._output_as_shown = now
            self.difference.update()
            self._label()
        else:
            self._on_view_modified()

    def _observe_views(self) -> None:
        """Follow scrolling from sections that are denoised to others."""
        self._view_observers.clear()
        for role in self._roles_of_result():
            self._view_observers.add(self._node(role), vtk.vtkCommand.ModifiedEvent, self._on_view_modified)

    def _on_view_modified(self, *_: object) -> None:
        if self._find_not_denoised() != self._not_denoised:
            self._label()

    def _roles_of_result(self) -> tuple[Role, ...]:
        roles = self._comparison.roles if self._comparison is not None else ()
        return tuple(role for role in (Role.DENOISED, Role.DIFFERENCE) if role in roles)

    def _find_not_denoised(self) -> frozenset[Role]:
        """Views that show none of the denoised sections: all is blank there, and a difference of 0 means nothing."""
        result = Results.of(self.volumes.denoised)
        if result is None:
            return frozenset()
        visible = {role: visible_sections(result.output, [self._node(role)]) for role in self._roles_of_result()}
        return frozenset(role for role, cut in visible.items() if cut and result.sections.isdisjoint(cut))

    def _place(self, *, placed: bool) -> None:
        assert self._comparison is not None
        nodes = self.nodes(self._comparison)
        volumes = {role: self.volumes.of(role) for role in _LEADERS if role in self._comparison.roles}
        leaders = [role for role, volume in volumes.items() if volume is not None and volume.GetImageData() is not None]
        leader = self._node(leaders[0]) if leaders else None
        volume = volumes[leaders[0]] if leaders else None
        if placed:
            self._linked.adopt(nodes, leader=leader, volume=volume)
        else:
            start = offset_in(self._views_of_user(), volume) if volume is not None else None
            self._linked.gather(nodes, leader=leader, volume=volume, start=start)

    def _views_of_user(self) -> list[vtkMRMLSliceNode]:
        return [view for view in nodes_of(self._scene, "vtkMRMLSliceNode") if view.GetViewGroup() != VIEW_GROUP]

    def _label(self) -> None:
        """Say in the bar of each view what it shows."""
        self._not_denoised = self._find_not_denoised()
        for role in self._comparison.roles if self._comparison is not None else ():
            label, like = self._label_of(role)
            node = self._node(role)
            blocked = node.StartModify()
            node.SetLayoutLabel(label)
            node.SetLayoutColor(*(int(like.colour[start : start + 2], 16) / 255 for start in (1, 3, 5)))
            node.EndModify(blocked)

    def _label_of(self, role: Role) -> tuple[str, Role]:
        """Label of a view, and the role whose colour it has."""
        shown = self._node_by(self._shown[role])
        if shown is None:
            return (missing_label(role) if self.volumes.of(role) is None else "Empty"), role
        share = self.in_place.share if self.in_place is not None and role is Role.DENOISED else 0.0
        is_result = shown in (self.volumes.denoised, self.volumes.noise)
        if is_result and role in self._not_denoised and not share:
            return NOT_DENOISED_HERE, role
        if role is Role.DIFFERENCE and shown is self.volumes.noise:
            return difference_label(self.difference.width_hu), role
        if self.in_place is not None and share:
            if share == 1.0:
                return volume_label(self.in_place.over, self._headers), Role.INPUT
            return fade_label(share), role
        return volume_label(shown, self._headers), role


def _model_and_strength(output: vtkMRMLNode) -> tuple[str, float] | None:
    result = Results.of(output)
    return (result.provenance.model, result.strength) if result is not None else None
