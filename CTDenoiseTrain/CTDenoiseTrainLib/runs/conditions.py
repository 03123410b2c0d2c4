"""What must be as it was for a training to go on, and what may have changed but should be known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch

from CTDenoiseLib import __version__

from ..errors import CheckpointError
from ..recipe.content import Recipe
from .prepare import Prepared

_SAME_MEAN_HU = 0.05


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Under which a training goes on. Holds no paths, labels or UIDs, as they may tell who the patient is.

    Attributes:
        recipe: A digest of each part of the recipe that decides the numbers.
        images: Sections, rows, columns, and mean HU of the middle section of each case.
        parent: SHA256 of the weights that are fine-tuned; `None` without.
        numbers: What decides only the last digits: versions of the programs, device, precision and threads.
    """

    recipe: Mapping[str, str]
    images: Sequence[Sequence[float]]
    parent: str | None
    numbers: Mapping[str, str]

    @classmethod
    def of(cls, prepared: Prepared) -> Conditions:
        """The conditions now."""
        parent, cases, backend = prepared.parent, prepared.data.cases, prepared.backend
        return cls(
            recipe=_digests(prepared.recipe),
            images=[[*case.shape, round(float(np.mean(case.anatomy(case.shape[0] // 2))), 2)] for case in cases],
            parent=None if parent is None else parent.card.weights.sha256,
            numbers={
                "CTDenoise": __version__,
                "PyTorch": torch.__version__,
                "device": backend.device,
                "precision": backend.precision,
                "threads": str(torch.get_num_threads()),
            },
        )

    def to_content(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Conditions:
        """What `to_content` gave, after its way through JSON."""
        return cls(**content)

    def check(self, now: Conditions, *, on_note: Callable[[str], object]) -> None:
        """See that a training under these conditions can go on under those of now.

        Args:
            now: The conditions now.
            on_note: Told what is not the same but does no harm.

        Raises:
            CheckpointError: Recipe, images or the model that is fine-tuned are not the same.
        """
        changed = [part for part in {**self.recipe, **now.recipe} if self.recipe.get(part) != now.recipe.get(part)]
        if changed:
            raise CheckpointError(
                f"The recipe was changed since the training began ({', '.join(changed)}), so it cannot go on; undo the "
                "change, or begin a new run with the new recipe."
            )
        if not _same_images(self.images, now.images):
            raise CheckpointError(
                "The images are not those that the training began with, so it cannot go on; put them back where the "
                "recipe says, or begin a new run."
            )
        if self.parent != now.parent:
            raise CheckpointError(
                "The model that is fine-tuned was replaced by another of the same name since the training began; put "
                "it back, or begin a new run."
            )
        for name, before in self.numbers.items():
            present = now.numbers.get(name, "unknown")
            if present != before:
                on_note(
                    f"The training began with another {name} ({before}, now {present}): it goes on, but with other "
                    "last digits than without the interruption."
                )


def _digests(recipe: Recipe) -> dict[str, str]:
    """A digest of each part, without what may change: where things lie, what it runs on, names and words."""
    data = replace(recipe.data, cases=(), memory_gb=0.0, description="", licence="")
    training = replace(
        recipe.training,
        checkpoint_minutes=0.0,
        device="",
        precision="",
        feature_loss=replace(recipe.training.feature_loss, weights_file=""),
    )
    parts: dict[str, Any] = {
        "seed": recipe.seed,
        "data": asdict(data),
        "patches": asdict(recipe.patches),
        "training": asdict(training),
        "network": asdict(recipe.network),
        "fine_tuning": None if recipe.fine_tuning is None else asdict(recipe.fine_tuning),
    }
    return {name: hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest() for name, part in parts.items()}


def _same_images(before: Sequence[Sequence[float]], now: Sequence[Sequence[float]]) -> bool:
    """Whether shapes are equal and means nearly so: other versions of libraries may sum in another order."""
    return len(before) == len(now) and all(
        one[:3] == other[:3] and abs(one[3] - other[3]) <= _SAME_MEAN_HU
        for one, other in zip(map(list, before), map(list, now), strict=True)
    )
