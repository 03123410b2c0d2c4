"""Puts output and noise of a run into the scene, beside their input and looking like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import slicer
import vtk

from .mapped_volume import MappedVolume
from .provenance import ATTRIBUTE_PREFIX, Provenance, forget
from .results import INPUT_ROLE, NOISE_ROLE, Results, find_results

if TYPE_CHECKING:
    from slicer import (
        vtkMRMLScalarVolumeDisplayNode,
        vtkMRMLScalarVolumeNode,
        vtkMRMLScene,
        vtkMRMLSubjectHierarchyNode,
    )

# Until the user chooses another: differences of ±100 HU, and soft tissue where the input has no display.
_NOISE_WINDOW_HU = 200.0
_CT_WINDOW, _CT_LEVEL = 400.0, 40.0


@dataclass(frozen=True, kw_only=True)
class Product:
    """What a run is going to fill.

    Attributes:
        output: Voxels of the output.
        noise: Voxels of the noise.
        provenance: How it comes about; kept with both nodes.
        strength: Share of the noise that is subtracted; kept with the output.
    """

    output: MappedVolume
    noise: MappedVolume
    provenance: Provenance
    strength: float


def make_results(
    scene: vtkMRMLScene, input_node: vtkMRMLScalarVolumeNode, product: Product, *, replace: bool
) -> Results:
    """Show output and noise as two volume nodes: named after input and model, in place, study and window of the input.

    Args:
        scene: Where the input is and the results shall be.
        input_node: What is denoised.
        product: What they show.
        replace: Whether to use the nodes of the input's latest result, so that views keep showing them.
    """
    provenance = product.provenance
    earlier = next(reversed(find_results(scene, input_node)), None) if replace else None
    name = _name(scene, input_node, provenance.model, earlier)
    output_node = _volume_node(scene, earlier and earlier.output, name, product.output)
    noise_node = _volume_node(scene, earlier and earlier.noise, f"{name} noise", product.noise)
    for node in (output_node, noise_node):
        node.CopyOrientation(input_node)
        node.SetAndObserveTransformNodeID(input_node.GetTransformNodeID())
        _join_study(scene, node, input_node)
        provenance.store(node)
    output_node.SetVoxelValueQuantity(input_node.GetVoxelValueQuantity())
    output_node.SetVoxelValueUnits(input_node.GetVoxelValueUnits())
    output_node.SetAttribute(f"{ATTRIBUTE_PREFIX}strength", f"{product.strength:g}")
    output_node.SetNodeReferenceID(INPUT_ROLE, input_node.GetID())
    output_node.SetNodeReferenceID(NOISE_ROLE, noise_node.GetID())
    _show_like(output_node, input_node.GetScalarVolumeDisplayNode())
    _show_as_difference(noise_node, provenance.noise_step_hu)
    return Results(output_node, noise_node, input_node, provenance)


def remove_results(scene: vtkMRMLScene, results: Results) -> None:
    """Take both nodes out of the scene again."""
    for node in (results.output, results.noise):
        if node is not None and node.GetScene() is scene:
            scene.RemoveNode(node)


def _volume_node(scene: vtkMRMLScene, earlier: Any | None, name: str, volume: MappedVolume) -> vtkMRMLScalarVolumeNode:
    """The node that shows a volume: a new one, or an earlier one with nothing left of before."""
    node = earlier or slicer.vtkMRMLScalarVolumeNode()
    forget(node)
    node.SetName(name)
    if earlier is None:
        scene.AddNode(node)
    # Before the image: a display that is to find its window by itself would look at all voxels, which takes seconds.
    _display_of(node)
    node.SetAndObserveImageData(volume.image())
    return node


def _name(scene: vtkMRMLScene, input_node: vtkMRMLScalarVolumeNode, model: str, earlier: Results | None) -> str:
    """Input and model, with a number where another node has that name; what it was where only the voxels change."""
    if earlier is not None and earlier.provenance.model == model:
        return str(earlier.output.GetName())
    return str(scene.GenerateUniqueName(f"{input_node.GetName()} {model}"))


def _join_study(scene: vtkMRMLScene, node: Any, input_node: Any) -> None:
    """Put a node beside the input in the subject hierarchy, where the input is in it."""
    hierarchy: vtkMRMLSubjectHierarchyNode = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    input_item = hierarchy.GetItemByDataNode(input_node)
    if input_item == hierarchy.GetInvalidItemID():
        return
    study = hierarchy.GetItemParent(input_item)
    item = hierarchy.GetItemByDataNode(node)
    if item == hierarchy.GetInvalidItemID():
        hierarchy.CreateItem(study, node)
    else:
        hierarchy.SetItemParent(item, study)


def _show_like(node: vtkMRMLScalarVolumeNode, model: vtkMRMLScalarVolumeDisplayNode | None) -> None:
    """Give a volume the window, level, colours, threshold and interpolation of another."""
    display = _display_of(node)
    if model is None:
        display.SetWindowLevel(_CT_WINDOW, _CT_LEVEL)
        return
    if model.GetColorNodeID():
        display.SetAndObserveColorNodeID(model.GetColorNodeID())
    display.SetWindowLevel(model.GetWindow(), model.GetLevel())
    display.SetInterpolate(model.GetInterpolate())
    display.SetInvertDisplayScalarRange(model.GetInvertDisplayScalarRange())
    display.SetThreshold(model.GetLowerThreshold(), model.GetUpperThreshold())
    display.SetApplyThreshold(model.GetApplyThreshold())


def _show_as_difference(node: vtkMRMLScalarVolumeNode, step_hu: float) -> None:
    _display_of(node).SetWindowLevel(_NOISE_WINDOW_HU / step_hu, 0.0)


def _display_of(node: vtkMRMLScalarVolumeNode) -> vtkMRMLScalarVolumeDisplayNode:
    """The display node of a volume, with fixed window, level and threshold; made in grey when there is none."""
    display = node.GetScalarVolumeDisplayNode() or slicer.vtkMRMLScalarVolumeDisplayNode()
    display.SetAutoWindowLevel(False)
    display.SetAutoThreshold(False)
    if display.GetScene() is None:
        node.GetScene().AddNode(display)
        display.SetAndObserveColorNodeID("vtkMRMLColorTableNodeGrey")
        node.SetAndObserveDisplayNodeID(display.GetID())
        node.AddObserver(vtk.vtkCommand.DeleteEvent, _EndOfVolume(display))
    return display


class _EndOfVolume:
    """Removes the display of a deleted volume, which Slicer leaves in the scene, and with it the image in memory.

    `Observers` cannot do it, as they hold the volume. What VTK is to call is kept here, for the reason given there.
    """

    _awaited: ClassVar[set[_EndOfVolume]] = set()

    def __init__(self, display: vtkMRMLScalarVolumeDisplayNode) -> None:
        self._display = display
        self._awaited.add(self)

    def __call__(self, *_: Any) -> None:
        self._awaited.discard(self)
        display, scene = self._display, self._display.GetScene()
        display.SetInputImageDataConnection(None)
        if scene is not None and display.GetDisplayableNode() is None:
            scene.RemoveNode(display)
