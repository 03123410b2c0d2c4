"""The gate before a run: does the model fit the input, and what was said about it, kept on the output node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseLib.matching import MatchLevel, MatchVerdict, Reason, judge_match
from CTDenoiseLib.matching.verdict import ASPECTS
from CTDenoiseLib.measure.noise.noise_level import noise_level, section_noise
from CTDenoiseLib.measure.sampling import evenly_spread

from .volume_facts import volume_facts

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.models import ModelCard

    from .headers import HeaderSource

_ATTRIBUTE = "CTDenoise.match"


class MatchGate:
    """Judges models for one input volume; its noise is measured a section at a time.

    Args:
        node: The input.
        headers: Where its DICOM headers are kept, if anywhere.
        most_sections: Sections in which to measure noise, evenly spread.

    Attributes:
        facts: Of the input, as they were when the gate was made.

    Raises:
        NoImageError: The node holds no image.

    Example:
        ```
        gate = MatchGate(input_node, headers)
        while gate.sample():  # one section each, from a timer
            pass
        verdict = gate.verdict(card)
        ```
    """

    def __init__(
        self, node: slicer.vtkMRMLScalarVolumeNode, headers: HeaderSource | None, *, most_sections: int = 12
    ) -> None:
        self.facts = volume_facts(node, headers)
        self._node = node
        self._to_sample = list(evenly_spread(self.facts.sections, most=most_sections))
        self._levels: list[float | None] = []

    @property
    def measured(self) -> bool:
        """Whether noise was measured in all sections that are to be sampled."""
        return not self._to_sample

    @property
    def noise_hu(self) -> float | None:
        """Standard deviation in uniform soft tissue, in HU, by the sections sampled so far; `None` while unknown."""
        return noise_level(self._levels)

    def sample(self) -> bool:
        """Measure noise in one more section, which takes a few milliseconds.

        Returns:
            Whether there is another one to sample.
        """
        if self._to_sample:
            section = self._to_sample.pop(0)
            hu = _section(self._node, section)
            if hu is None:  # the image was taken away or replaced meanwhile
                self._to_sample.clear()
            else:
                self._levels.append(section_noise(hu, pixel_spacing=self.facts.pixel_spacing))
        return not self.measured

    def verdict(self, card: ModelCard) -> MatchVerdict:
        """Judge a model by what is known so far."""
        return judge_match(card, self.facts.image_facts(noise_hu=self.noise_hu))


def measure_noise(node: slicer.vtkMRMLScalarVolumeNode, *, most_sections: int = 4) -> float | None:
    """Noise of a volume in HU, at once, to tell a sharp reconstruction from a smooth one; some 20 ms at 1024².

    Raises:
        NoImageError: The node holds no image.
    """
    gate = MatchGate(node, None, most_sections=most_sections)
    while gate.sample():
        pass
    return gate.noise_hu


def store_verdict(output: slicer.vtkMRMLVolumeNode, verdict: MatchVerdict) -> None:
    """Keep a verdict on the output of the run it was given for.

    The attribute "CTDenoise.match" holds its level; one for each reason, such as "CTDenoise.match.kernel", holds level
    and sentence, so that whoever opens the scene elsewhere can read them.
    """
    output.SetAttribute(_ATTRIBUTE, verdict.level.value)
    reasons = {reason.what: f"{reason.level.value}: {reason.sentence}" for reason in verdict.reasons}
    for what in ASPECTS:
        output.SetAttribute(f"{_ATTRIBUTE}.{what}", reasons.get(what))


def read_verdict(output: slicer.vtkMRMLVolumeNode) -> MatchVerdict | None:
    """The verdict kept on an output, also after its scene was saved and loaded; `None` if there is none."""
    levels = {level.value: level for level in MatchLevel}
    reasons = []
    for what in ASPECTS:
        level, _, sentence = (output.GetAttribute(f"{_ATTRIBUTE}.{what}") or "").partition(": ")
        if level in levels:
            reasons.append(Reason(levels[level], what, sentence))
    return MatchVerdict(tuple(reasons)) if reasons else None


def _section(node: slicer.vtkMRMLVolumeNode, index: int) -> NDArray[Any] | None:
    """Values of one section, shape (y, x), without a copy; `None` if there is no such section."""
    image = node.GetImageData()
    columns, rows, sections = (0, 0, 0) if image is None else image.GetDimensions()
    if index >= sections or columns * rows == 0:
        return None
    values = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(sections, rows, columns)
    return np.asarray(values[index])
