"""What is known of the chosen volume, and which loaded volumes belong beside it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import slicer

from CTDenoiseLib.signal import Signal
from CTDenoiseScene.companions import Companions, find_companions
from CTDenoiseScene.match_gate import MatchGate
from CTDenoiseScene.observers import Observers
from CTDenoiseScene.results import Results, find_results
from CTDenoiseScene.volume_facts import NoImageError, VolumeFacts

from .measured_noise import MeasuredNoise

if TYPE_CHECKING:
    from CTDenoiseLib.matching import MatchVerdict
    from CTDenoiseLib.models import ModelCard
    from CTDenoiseScene.headers import HeaderSource

_NONE = Companions(None, None, None)


class Exam:
    """Looks at one volume at a time; its noise is measured a section at a time.

    Args:
        scene: Holds the volumes.
        headers: Their DICOM headers.

    Attributes:
        changed: Emits when the image of the volume, or its place, was changed.
        input: The volume; `None` while none is chosen.
        problem: Why the volume cannot be used, else empty.
        found: Companions that were found by themselves.
        results: The latest result made of the volume.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, headers: HeaderSource) -> None:
        self.changed: Signal[[]] = Signal()
        self.input: slicer.vtkMRMLScalarVolumeNode | None = None
        self.problem = ""
        self.found = _NONE
        self.results: Results | None = None
        self._scene = scene
        self._headers = headers
        self._gate: MatchGate | None = None
        self._measure = MeasuredNoise()
        self._observers = Observers()

    @property
    def facts(self) -> VolumeFacts | None:
        """Facts of the volume."""
        return None if self._gate is None else self._gate.facts

    @property
    def measured(self) -> bool:
        """Whether its noise was measured."""
        return self._gate is None or self._gate.measured

    def choose(self, node: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        """Look at a volume; nothing happens if it is the one looked at already."""
        if node is not self.input:
            self.input = node
            self._observers.clear()
            if node is not None:
                for event in (node.ImageDataModifiedEvent, node.TransformModifiedEvent):
                    self._observers.add(node, event, self._on_changed)
            self._begin()

    def find(self) -> None:
        """Look for companions and results among the volumes of the scene."""
        self.found, self.results = _NONE, None
        if self.input is None or self._gate is None:
            return
        volumes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", self._scene)
        with suppress(NoImageError):
            self.found = find_companions(volumes, self._headers, around=self.input, measure=self._measure)
        results = find_results(self._scene, self.input)
        self.results = results[-1] if results else Results.of(self.input)

    def sample(self, _budget_seconds: float) -> bool:
        """Measure the noise of one more section; whether there is another one to measure."""
        return self._gate is not None and not self._gate.measured and self._gate.sample()

    def verdict(self, card: ModelCard | None) -> MatchVerdict | None:
        """How well a model fits the volume, by what is known so far."""
        return None if self._gate is None or card is None else self._gate.verdict(card)

    def close(self) -> None:
        """Look at nothing any more."""
        self.choose(None)

    def _begin(self) -> None:
        self._gate, self.problem = None, ""
        if self.input is not None:
            try:
                self._gate = MatchGate(self.input, self._headers)
            except NoImageError as error:
                self.problem = str(error)
        self.find()

    def _on_changed(self, *_args: object) -> None:
        self._begin()
        self.changed.emit()
