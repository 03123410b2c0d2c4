"""The losses of the steps, fetched from the device only now and then: each fetch would let it wait."""

from __future__ import annotations

import math

import torch
from torch import Tensor


class LossRecord:
    """Adds up the losses of an epoch in the order of its steps, so that the sum does not depend on when it is fetched.

    Attributes:
        sum: Of the losses fetched since the epoch began.
    """

    def __init__(self) -> None:
        self.sum = 0.0
        self._waiting: list[Tensor] = []
        self._recent: list[float] = []

    def add(self, loss: Tensor, watched: Tensor) -> None:
        """Add a step.

        Args:
            loss: Scalar on the device.
            watched: Another one, which must be finite, too.
        """
        self._waiting.append(torch.stack([loss.detach(), watched.detach()]))

    def fetch(self) -> int | None:
        """Add what waits to the sum.

        Returns:
            `None` if all is finite; else how many steps ago the first was that is not, 0 for the last one.
        """
        figures = torch.stack(self._waiting).tolist() if self._waiting else []
        self._waiting.clear()
        for index, (loss, watched) in enumerate(figures):
            if not (math.isfinite(loss) and math.isfinite(watched)):
                return len(figures) - 1 - index
            self.sum += loss
            self._recent.append(loss)
        return None

    def recent_mean(self) -> float:
        """Mean of the losses fetched since this was asked last; there must be some."""
        mean = math.fsum(self._recent) / len(self._recent)
        self._recent.clear()
        return mean
