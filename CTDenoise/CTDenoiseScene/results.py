"""The two volume nodes a run makes: the denoised output and the noise that was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .provenance import ATTRIBUTE_PREFIX, Provenance
from .scene_nodes import nodes_of
from .section_ranges import from_text

if TYPE_CHECKING:
    import slicer

# Roles of node references, both on the output node.
INPUT_ROLE = "CTDenoise.input"
NOISE_ROLE = "CTDenoise.noise"

_VOLUME = "vtkMRMLScalarVolumeNode"


@dataclass(frozen=True)
class Results:
    """What a run made of an input, as nodes, as they are now.

    Attributes:
        output: Denoised volume, int16 or float32, in HU; sections not denoised hold -1024 HU.
        noise: Predicted noise at full strength, int16, in steps of `provenance.noise_step_hu`; `None` once it was
            deleted.
        input: What was denoised; `None` once it was deleted.
        provenance: How it came about.
    """

    output: slicer.vtkMRMLScalarVolumeNode
    noise: slicer.vtkMRMLScalarVolumeNode | None
    input: slicer.vtkMRMLScalarVolumeNode | None
    provenance: Provenance

    @classmethod
    def of(cls, node: Any) -> Results | None:
        """The result that a node is the output of, also after loading a scene; `None` when it is no output."""
        # Only the output has a strength; the role stays when the noise is deleted, but its node is gone.
        if node is None or node.GetScene() is None or node.GetAttribute(f"{ATTRIBUTE_PREFIX}strength") is None:
            return None
        provenance = Provenance.read(node)
        if provenance is None:
            return None
        return cls(node, node.GetNodeReference(NOISE_ROLE), node.GetNodeReference(INPUT_ROLE), provenance)

    @property
    def strength(self) -> float:
        """Share of the noise that is subtracted in the output, 0 to 1 (attribute "CTDenoise.strength")."""
        return float(self.output.GetAttribute(f"{ATTRIBUTE_PREFIX}strength"))

    @property
    def sections(self) -> frozenset[int]:
        """Indices of the denoised sections (attribute "CTDenoise.sections", such as "0-11,14")."""
        return from_text(self.output.GetAttribute(f"{ATTRIBUTE_PREFIX}sections") or "")


def find_results(scene: slicer.vtkMRMLScene, input_node: Any | None = None) -> tuple[Results, ...]:
    """All results in a scene, or those of one input, oldest first."""
    found = map(Results.of, nodes_of(scene, _VOLUME))
    return tuple(result for result in found if result and (input_node is None or result.input is input_node))
