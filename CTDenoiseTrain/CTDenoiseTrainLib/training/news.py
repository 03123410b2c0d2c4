"""What training tells while it goes on, and how it is told to stop. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class StepNews:
    """How far training is.

    Attributes:
        epoch: The present one, from 1.
        epochs: In all.
        step: Steps done in all epochs.
        steps: In all.
        loss: Mean since the last news.
        rate: Learning rate.
        samples_per_second: Since the last news.
        data_share: Share of the time since the last news in which the network waited for pairs, 0 to 1.
        seconds_remaining: At the present rate, validation included.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    rate: float
    samples_per_second: float
    data_share: float
    seconds_remaining: float


@dataclass(frozen=True, kw_only=True)
class ValidationFigures:
    """Figures over whole sections that training never sees; `None` where there is no target or nothing to measure.

    Attributes:
        loss: Mean squared error of the noise in HU², over whole sections, by the network's own loss without features.
        rmse: Output against target in HU.
        psnr: In dB, for the data range that `Validator` states.
        ssim: Structural similarity.
        noise_reduction: In percent, over flat soft tissue.
        residual_index: Edge ratio of the residual (`CTDenoiseLib.measure.audit.edge_ratio`): about 1 for pure noise.
    """

    loss: float | None
    rmse: float | None
    psnr: float | None
    ssim: float | None
    noise_reduction: float | None
    residual_index: float | None


@dataclass(frozen=True, kw_only=True)
class EpochNews:
    """An epoch is over.

    Attributes:
        epoch: Which, from 1; 0 for the state before the first.
        loss: Mean of the training loss over the epoch; `None` for epoch 0.
        validation: Of the averaged network.
        best: Whether no epoch before was better.
        seconds: Since the training began, in all runs together.
    """

    epoch: int
    loss: float | None
    validation: ValidationFigures
    best: bool
    seconds: float


class StoppedError(Exception):
    """Raised by `Observer.check` to end training after what is done is saved; no error for the user."""


class SaveWanted(Exception):  # noqa: N818 - a wish, no error
    """Raised by `Observer.check` to have the state saved now, such as before a pause; `check` is then called again."""


class Observer(Protocol):
    """Who watches a training."""

    def check(self) -> None:
        """Called before each step and section; may wait as long as training is to pause.

        Raises:
            SaveWanted: Training is to save, and to check again.
            StoppedError: Training is to save and end.
            Cancelled: Training is to end at once.
        """

    def on_step(self, news: StepNews) -> None:
        """Told about twice a second."""

    def on_epoch(self, news: EpochNews) -> None:
        """Told after each validation."""

    def on_note(self, sentence: str) -> None:
        """Told what the user should know, or, if the sentence ends in “…”, what is being done now."""
