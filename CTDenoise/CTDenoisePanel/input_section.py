"""The section Input: the volume, what is known of it, and its companions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import slicer
from slicer.i18n import tr as _

if TYPE_CHECKING:
    from CTDenoiseScene.companions import Companions

    from .exam import Exam


class InputSection:
    """Shows what is known. Its selectors are bound to the parameters by the .ui file."""

    def __init__(self, ui: Any) -> None:
        self._facts = ui.factsLabel
        self._companions = ui.companionsLabel

    def show(self, exam: Exam) -> None:
        """Show the facts of the volume, and what "Automatic" stands for."""
        facts = exam.facts
        self._facts.text = _unbroken(f"{facts.sentence[:1].upper()}{facts.sentence[1:]}.") if facts else exam.problem
        self._facts.setVisible(bool(self._facts.text))
        self._companions.text = _found(exam.found, exam.input) if facts else ""
        self._companions.setVisible(facts is not None)


def sensible_input(scene: slicer.vtkMRMLScene, views: Sequence[Any]) -> slicer.vtkMRMLScalarVolumeNode | None:
    """The volume a user most likely means: the one in the background of a slice view, else the newest one.

    Args:
        scene: Holds the volumes.
        views: Slice nodes on screen.
    """
    volumes = [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", scene) if is_original(node)]
    composites = filter(None, map(slicer.vtkMRMLSliceLogic.GetSliceCompositeNode, views))
    backgrounds = [scene.GetNodeByID(node.GetBackgroundVolumeID() or "") for node in composites]
    return next((node for node in backgrounds if node in volumes), volumes[-1] if volumes else None)


def is_original(node: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Whether it is a plain volume with an image that was not made here."""
    made_here = any(name.startswith("CTDenoise.") for name in node.GetAttributeNames())
    is_plain = node.GetClassName() == "vtkMRMLScalarVolumeNode"
    return is_plain and not made_here and node.GetImageData() is not None


def _found(found: Companions, chosen: slicer.vtkMRMLScalarVolumeNode | None) -> str:
    def name(node: slicer.vtkMRMLScalarVolumeNode | None) -> str:
        if node is None:
            return _("none found")
        return _("this volume") if node is chosen else _("“{name}”").format(name=node.GetName())

    return _("Automatic: smooth {smooth}; sharp {sharp}; denoised {denoised}.").format(
        smooth=name(found.smooth), sharp=name(found.sharp), denoised=name(found.denoised)
    )


def _unbroken(sentence: str) -> str:
    """The same, in which no line ends between a figure and its unit."""
    return sentence.replace(" mm", "\N{NO-BREAK SPACE}mm").replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")
