"""The noise that a network in training finds in whole sections, computed as `CTDenoiseLib.inference` will do it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.inference.execution import execution_of
from CTDenoiseLib.inference.padding import mirrored_indices
from CTDenoiseLib.inference.predictor import NoisePredictor
from CTDenoiseLib.networks import DenoisingNetwork


class SectionPredictor:
    """A copy of a network, ready for whole sections: batch norm folded, sides padded, tiles where memory is short.

    Args:
        network: Copied, not changed; in whatever mode and on whatever device.
        backend: Device and precision.
        scale_hu: HU that make 1 in the network.
    """

    def __init__(self, network: DenoisingNetwork, backend: Backend, *, scale_hu: float) -> None:
        self._execution = execution_of(network, backend)
        self._backend = backend
        self._scale_hu = scale_hu
        self._predictors: dict[tuple[int, int], NoisePredictor] = {}

    def noise(self, sections: NDArray[np.float32], check: Callable[[], None] | None = None) -> NDArray[np.float32]:
        """Noise of the centre sections in HU, shape (n, y, x).

        Args:
            sections: Windows in HU, shape (n, 2 · context + 1, y, x).
            check: Called before each layer of the network; what it raises ends the prediction.

        Raises:
            NotEnoughMemoryError: Not even the smallest tiles fit.
        """
        rows, columns = (mirrored_indices(side, multiple=self._execution.stride) for side in sections.shape[-2:])
        padded = sections[..., rows[:, None], columns] / np.float32(self._scale_hu)
        windows = torch.from_numpy(padded).to(self._backend.device)
        noise = self._predictor(padded.shape[-2:]).predict(windows, check).cpu().numpy()
        return np.asarray(noise[:, : sections.shape[-2], : sections.shape[-1]] * self._scale_hu, dtype=np.float32)

    def _predictor(self, shape: tuple[int, int]) -> NoisePredictor:
        if shape not in self._predictors:
            self._predictors[shape] = NoisePredictor(self._execution, self._backend, shape=shape, batch_size=None)
        return self._predictors[shape]
