"""What a training comes to."""

from __future__ import annotations

from dataclasses import dataclass

from CTDenoiseLib.networks import DenoisingNetwork

from .news import EpochNews


@dataclass(frozen=True, kw_only=True)
class TrainingOutcome:
    """What a training came to.

    Attributes:
        epochs: Epochs done, in all runs together.
        best_epoch: Whose weights `network` has; 0 if none was better than the start.
        complete: Whether nothing is left to do; else the training was stopped and can go on.
        reason: Why it ended, in a sentence.
        seconds: In all runs together, without pauses.
        history: One for each validated epoch, from epoch 0.
        network: Averaged weights of the best epoch, in evaluation mode.
    """

    epochs: int
    best_epoch: int
    complete: bool
    reason: str
    seconds: float
    history: tuple[EpochNews, ...]
    network: DenoisingNetwork
