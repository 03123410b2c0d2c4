"""How a result came about, kept in attributes of its nodes, which scene files keep too."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.worker.messages import ModelLoaded

ATTRIBUTE_PREFIX = "CTDenoise."


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """How a result came about; each field is the attribute "CTDenoise." + its name of output and noise node.

    Attributes:
        model: Name of the model.
        version: Of the model.
        weights_sha256: Of the weights.
        context: Sections to each side that the model looked at.
        device: What computed, such as "cuda:0".
        device_name: The same in words.
        precision: "fp32", "fp16" or "bf16".
        noise_step_hu: HU of one step of the noise node's values.
    """

    model: str
    version: str
    weights_sha256: str
    context: int
    device: str
    device_name: str
    precision: str
    noise_step_hu: float = 0.1

    @classmethod
    def of(cls, loaded: ModelLoaded, *, noise_step_hu: float) -> Provenance:
        """Of what a worker computes with the model that it has loaded."""
        return cls(
            model=loaded.name,
            version=loaded.version,
            weights_sha256=loaded.weights_sha256,
            context=loaded.context,
            device=loaded.device,
            device_name=loaded.device_name,
            precision=loaded.precision,
            noise_step_hu=noise_step_hu,
        )

    def store(self, node: slicer.vtkMRMLNode) -> None:
        """Set the attributes."""
        for field in fields(self):
            node.SetAttribute(ATTRIBUTE_PREFIX + field.name, f"{getattr(self, field.name)}")

    @classmethod
    def read(cls, node: slicer.vtkMRMLNode) -> Provenance | None:
        """Read the attributes; `None` when they are not all there."""
        texts = {field.name: node.GetAttribute(ATTRIBUTE_PREFIX + field.name) for field in fields(cls)}
        try:
            step, context = float(texts.pop("noise_step_hu")), int(texts.pop("context"))
        except (TypeError, ValueError):
            return None
        if None in texts.values():
            return None
        return cls(**texts, context=context, noise_step_hu=step)


def forget(node: slicer.vtkMRMLNode) -> None:
    """Remove all attributes that this software set."""
    for name in node.GetAttributeNames():
        if name.startswith(ATTRIBUTE_PREFIX):
            node.RemoveAttribute(name)


def set_quietly(node: slicer.vtkMRMLNode, name: str, value: str) -> None:
    """Set an attribute that nothing on screen depends on, without the event that would redraw the views."""
    silent = node.GetDisableModifiedEvent()
    node.DisableModifiedEventOn()
    node.SetAttribute(ATTRIBUTE_PREFIX + name, value)
    node.SetDisableModifiedEvent(silent)
