"""The result of a run as figures: what the training came to. Its weights lie in the file beside. Needs no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import CheckpointError

RESULT_FILE = "result.json"
WEIGHTS_FILE = "weights.safetensors"
PICTURE_FILE = "before_and_after.png"


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What a training came to.

    Attributes:
        epochs: Epochs done, in all runs together.
        best_epoch: Which gave the weights; 0 if none was better than the start.
        steps: Steps done.
        complete: Whether nothing is left to do.
        reason: Why it ended, in a sentence.
        seconds: In all runs together.
        table: Figures before and after on sections the network never saw: (name, before, after), as texts.
        better: Whether training was worth it, by these figures.
        facts: Names and values of the data, as texts.
        warnings: Sentences about the data, and about what the table alone does not tell.
        split: How the sections were parted, in a sentence.
        hardware: What it ran on.
        weights_sha256: Of the weights beside.
        card: What the model card needs: content of `BeforeAfter` ("table"), `DataFacts` ("data") and the card of the
            model that was fine-tuned ("parent", JSON text or `None`).
    """

    epochs: int
    best_epoch: int
    steps: int
    complete: bool
    reason: str
    seconds: float
    table: tuple[tuple[str, str, str], ...]
    better: bool
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    split: str
    hardware: str
    weights_sha256: str
    card: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> RunResult:
        """Read the result of a run from its folder.

        Raises:
            CheckpointError: It is missing or damaged.
        """
        try:
            fields = json.loads((folder / RESULT_FILE).read_text(encoding="utf-8"))
            for name in ("table", "facts"):
                fields[name] = tuple(tuple(row) for row in fields[name])
            return cls(**{**fields, "warnings": tuple(fields["warnings"])})
        except FileNotFoundError:
            raise CheckpointError(
                f"There is no result in {folder}: the training was interrupted; resume it, and let it end or stop it."
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"The result in {folder} is damaged ({error}); resume the run.") from error

    def weights(self, folder: Path) -> bytes:
        """The content of the file of the weights, which lies beside.

        Raises:
            CheckpointError: It is missing or was altered.
        """
        file = folder / WEIGHTS_FILE
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CheckpointError(f"The weights {file} cannot be read ({error.strerror}); resume the run.") from error
        if hashlib.sha256(content).hexdigest() != self.weights_sha256:
            raise CheckpointError(f"The weights {file} were altered; resume the run to have them written again.")
        return content

    def to_json(self) -> str:
        """The result as the text of its file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"
