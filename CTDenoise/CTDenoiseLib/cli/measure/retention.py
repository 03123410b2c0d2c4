"""How much of small vessels a model leaves, tested in the input of an audit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...inference import Backend, Denoiser
from ...measure.small_vessels.retention import RetentionMap, retention_map
from ...models import ModelStore
from ...volume import Volume
from ..progress import RunProgress


@dataclass(frozen=True)
class RetentionTest:
    """A model on its device.

    Attributes:
        denoiser: The model.
        strength: Share of the predicted noise that is subtracted, 0 to 1.
    """

    denoiser: Denoiser
    strength: float

    @classmethod
    def load(cls, model: str, *, backend: str, precision: str, strength: float) -> RetentionTest:
        """Load a model.

        Raises:
            CTDenoiseError: There is no such model, device or precision.
        """
        return cls(Denoiser(ModelStore.default().load(model), Backend.choose(backend, precision)), strength)

    def run(self, volume: Volume, progress: RunProgress) -> RetentionMap:
        """Insert vessels into one section of a volume, and denoise it with and without them.

        Raises:
            NoPlaceForVesselsError: There is too little uniform tissue.
        """
        context = self.denoiser.card.context

        def denoise(window: NDArray[np.float32]) -> NDArray[np.float32]:
            sections = Volume(window, volume.geometry, volume.acquisition)
            (middle,) = self.denoiser.sections(sections, strength=self.strength, order=[context])
            return middle.output

        progress.step("Testing vessels")
        return retention_map(denoise, volume, context=context, on_progress=progress.count)
