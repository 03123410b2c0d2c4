"""The epochs of a training, and the weights of the best."""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import Tensor, nn

from ..errors import LossError
from .news import EpochNews, ValidationFigures


class EpochRecord:
    """The epochs validated so far.

    An epoch is better than another if its validation has a lower loss, or a lower RMSE where there is no loss. Without
    either, the last is the best.

    Attributes:
        history: One for each validated epoch, from epoch 0.
        best_weights: State dictionary of the averaged network at the best epoch; empty before the first.
    """

    def __init__(self, history: tuple[EpochNews, ...] = (), best_weights: Mapping[str, Tensor] | None = None) -> None:
        self.history = history
        self.best_weights = dict(best_weights or {})

    @property
    def best_epoch(self) -> int:
        """Number of the best epoch."""
        return max((news.epoch for news in self.history if news.best), default=0)

    @property
    def epochs_since_best(self) -> int:
        """Epochs that were not better."""
        return len(self.history) - 1 - self.best_epoch

    def add(self, figures: ValidationFigures, network: nn.Module, *, loss: float | None, seconds: float) -> EpochNews:
        """Add the next epoch.

        Args:
            figures: Of its validation.
            network: What was validated.
            loss: Mean loss of its steps.
            seconds: Since the training began.

        Raises:
            LossError: The validation gave no number.
        """
        epoch, score = len(self.history), _score(figures)
        if score is not None and not math.isfinite(score):
            raise LossError(f"The validation after epoch {epoch} gave {score}. {self.what_is_left}")
        before = _score(self.history[self.best_epoch].validation) if self.history else None
        best = score is None or before is None or score < before
        if best:
            self.best_weights = {key: tensor.clone() for key, tensor in network.state_dict().items()}
        news = EpochNews(epoch=epoch, loss=loss, validation=figures, best=best, seconds=seconds)
        self.history += (news,)
        return news

    @property
    def what_is_left(self) -> str:
        """What the user has after a loss that is no number, and can do."""
        kept = f"The weights of epoch {self.best_epoch}, the best so far, are kept. " if self.history else ""
        return f"{kept}Lower the learning rate, or look for values in the images that are no HU."


def _score(figures: ValidationFigures) -> float | None:
    return figures.rmse if figures.loss is None else figures.loss
