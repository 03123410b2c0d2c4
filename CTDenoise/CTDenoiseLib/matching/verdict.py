"""The verdict on a model and an image: green, amber or red, with its reasons in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, get_args

Aspect = Literal["modality", "kernel", "pixel size", "section thickness", "noise"]
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)


class MatchLevel(Enum):
    """How well a model fits an image."""

    GREEN = "green"
    """Of the kind the model was made for."""

    AMBER = "amber"
    """Denoising may be weak, or a fact is not known."""

    RED = "red"
    """Resolution will be lost, or the model is for something else altogether: ask before running."""


_FROM_BEST_TO_WORST = tuple(MatchLevel)


@dataclass(frozen=True)
class Reason:
    """What one fact of the image says.

    Attributes:
        level: How well this fact fits.
        what: Which fact.
        sentence: For the user, in words.
    """

    level: MatchLevel
    what: Aspect
    sentence: str


@dataclass(frozen=True)
class MatchVerdict:
    """How well a model fits an image.

    Attributes:
        reasons: One for each fact looked at, those that fit included.
    """

    reasons: tuple[Reason, ...]

    @property
    def worst(self) -> Reason:
        """The reason that weighs most; the first of several."""
        return max(self.reasons, key=lambda reason: _FROM_BEST_TO_WORST.index(reason.level))

    @property
    def level(self) -> MatchLevel:
        """That of the worst reason."""
        return self.worst.level

    @property
    def objections(self) -> tuple[Reason, ...]:
        """The reasons that are not green, the worst first."""
        against = [reason for reason in self.reasons if reason.level is not MatchLevel.GREEN]
        return tuple(sorted(against, key=lambda reason: -_FROM_BEST_TO_WORST.index(reason.level)))

    @property
    def refused(self) -> bool:
        """Whether the model must not run at all, whatever the user says: the image is of another modality."""
        return any(reason.what == "modality" and reason.level is MatchLevel.RED for reason in self.reasons)
