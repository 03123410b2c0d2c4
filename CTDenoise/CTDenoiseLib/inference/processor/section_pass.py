"""One section's way through the layers of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch

from . import kernels
from .crew import Crew
from .features import Features, Memory, Scratch
from .plan import Plan
from .program import GIVEN, Layer
from .steps import Step


class SectionPass:
    """Computes sections of one size.

    Args:
        layers: Of the network.
        steps: That compute them.
        plan: For sections of this size.
        memory: With room for the plan.
        scratch: Of the crew's threads.
        crew: That shares the strips.
        dtype: Of the features.
    """

    def __init__(  # noqa: PLR0913
        self,
        layers: Sequence[Layer],
        steps: Sequence[Step],
        plan: Plan,
        *,
        memory: Memory,
        scratch: Scratch,
        crew: Crew,
        dtype: torch.dtype,
    ) -> None:
        self.crew = crew
        self._layers, self._steps, self._stages = layers, steps, plan.stages
        self._scratch = scratch
        self._halves = memory.features(plan.given.offset, plan.given.shape, dtype)
        self._features = [memory.features(stage.offset, stage.shape, dtype) for stage in plan.stages[:-1]]

    def compute(self, window: Features, noise: Features, check: Callable[[], None] | None) -> None:
        """Compute the noise of the section in the middle of a window.

        Args:
            window: Float32, shape (y, x, sections).
            noise: Float32, shape (y, x, 1), written.
            check: Called before each layer; what it raises ends the pass.
        """
        features = {GIVEN: self._split(window)} | dict(enumerate([*self._features, noise]))
        for number, (layer, step, stage) in enumerate(zip(self._layers, self._steps, self._stages, strict=True)):
            if check is not None:
                check()
            sources = [features[source] for source in layer.sources]
            self.crew.share(partial(self._run, step, sources, features[number]), stage.strips)

    def _run(self, step: Step, sources: Sequence[Features], target: Features, rows: range) -> None:
        step.run(sources, target, rows, self._scratch)

    def _split(self, window: Features) -> Features:
        halves = self._halves
        if halves.tensor.dtype == torch.float32:
            return window
        height = window.array.shape[0]
        share = -(-height // self.crew.threads)
        strips = [range(first, min(first + share, height)) for first in range(0, height, share)]
        self.crew.share(lambda rows: kernels.split(window.array, halves.array, rows.start, rows.stop), strips)
        return halves
