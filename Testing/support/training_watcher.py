"""An observer of trainings that remembers what it was told, and does at a step what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from CTDenoiseTrainLib.training.news import EpochNews, StepNews


@dataclass
class Watcher:
    """An `Observer`.

    Attributes:
        at: What to do at a check, counted from 0; most do nothing.
        steps: News of steps.
        epochs: News of epochs.
        checks: Checks so far.
    """

    at: Mapping[int, Callable[[], object]] = field(default_factory=dict)
    steps: list[StepNews] = field(default_factory=list)
    epochs: list[EpochNews] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checks: int = 0

    def check(self) -> None:
        self.checks += 1
        self.at.get(self.checks - 1, lambda: None)()

    def on_step(self, news: StepNews) -> None:
        self.steps.append(news)

    def on_epoch(self, news: EpochNews) -> None:
        self.epochs.append(news)

    def on_note(self, sentence: str) -> None:
        self.notes.append(sentence)
