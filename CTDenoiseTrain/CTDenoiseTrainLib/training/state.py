"""All that a training needs to go on where it was, without pickles: tensors and what JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from .news import EpochNews, ValidationFigures

NETWORK, AVERAGED, BEST, OPTIMISER = "network", "averaged", "best", "optimiser"


@dataclass(frozen=True)
class TrainerState:
    """State of a training between two steps.

    Attributes:
        tensors: On the processor, contiguous, ready for safetensors: “network.KEY”, “averaged.KEY” and “best.KEY” for
            every entry of the network's state dictionary, and “optimiser.PARAMETER.KEY” for those that learn. “best” is
            there as soon as one epoch has been validated.
        content: Ready for JSON: "step", "loss_sum", "seconds", "best_epoch", "history" (fields of `EpochNews`) and
            "scaler" (of half precision, else `None`).
    """

    tensors: dict[str, Tensor]
    content: dict[str, Any]

    @property
    def step(self) -> int:
        """Steps done in all epochs."""
        return int(self.content["step"])

    @property
    def best_epoch(self) -> int:
        """Epoch of the weights that can be kept; 0 for the state before the first."""
        return int(self.content["best_epoch"])

    @property
    def history(self) -> tuple[EpochNews, ...]:
        """The epochs validated so far, the state before the first included."""
        return tuple(
            EpochNews(**epoch | {"validation": ValidationFigures(**epoch["validation"])})
            for epoch in self.content["history"]
        )

    def part(self, name: str) -> dict[str, Tensor]:
        """The tensors of one part without its name in front: "network", "averaged", "best" or "optimiser"."""
        start = f"{name}."
        return {key.removeprefix(start): tensor for key, tensor in self.tensors.items() if key.startswith(start)}

    def best_weights(self) -> dict[str, Tensor]:
        """State dictionary of the averaged network at its best epoch; empty before the first validation."""
        return self.part(BEST)


def packed(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies of the tensors of one part, with its name in front."""
    return {
        f"{name}.{key}": tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for key, tensor in tensors.items()
    }


def history_content(history: tuple[EpochNews, ...]) -> list[dict[str, Any]]:
    """The history as JSON can hold it; `TrainerState.history` is the way back."""
    return [asdict(epoch) for epoch in history]
