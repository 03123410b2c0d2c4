"""The JSON part of a checkpoint: how far training was, and what the tensors beside it must be. Needs no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import CheckpointError

VERSION = 1
TENSORS_FILE = "tensors.safetensors"
STATE_FILE = "state.json"


@dataclass(frozen=True, kw_only=True)
class CheckpointRecord:
    """What a checkpoint says of itself.

    Attributes:
        epoch: Epochs done.
        best_epoch: Which of them was the best; 0 for the state before the first.
        content: State of the trainer beside its tensors, plain values of JSON.
        facts: What must be the same for training to go on from here, such as the recipe and the version of PyTorch;
            see `conditions`.
        tensors_sha256: Of the bytes of the tensors.
        tensors_bytes: How many there are.
    """

    epoch: int
    best_epoch: int
    content: Mapping[str, Any]
    facts: Mapping[str, Any]
    tensors_sha256: str
    tensors_bytes: int

    @classmethod
    def read(cls, folder: Path) -> CheckpointRecord:
        """Read the record of a checkpoint; the tensors are only seen to be there in full length.

        Raises:
            CheckpointError: The record is missing, damaged or of a newer version, or the tensors are cut short.
        """
        try:
            written = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
            version, digest, fields = written["version"], written["sha256"], written["record"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"The checkpoint {folder} is damaged: its state cannot be read ({error}).") from error
        if version != VERSION:
            raise CheckpointError(f"The checkpoint {folder} was written by another CTDenoise; update CTDenoise.")
        if digest != _digest(fields):
            raise CheckpointError(f"The checkpoint {folder} is damaged: its state was altered.")
        record = cls(**fields)
        tensors = folder / TENSORS_FILE
        if not tensors.is_file() or tensors.stat().st_size != record.tensors_bytes:
            raise CheckpointError(f"The checkpoint {folder} is damaged: its tensors are missing or cut short.")
        return record

    def to_json(self) -> str:
        """The record as the text of its file."""
        fields = asdict(self)
        return json.dumps({"version": VERSION, "sha256": _digest(fields), "record": fields}, indent=1)


def checkpoint_folders(parent: Path) -> list[Path]:
    """All checkpoints in a folder, damaged ones too, the oldest first; none when there is no folder.

    Raises:
        CheckpointError: The system does not let us look.
    """
    try:
        return sorted(folder for folder in parent.iterdir() if folder.name.isdigit() and folder.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise CheckpointError(f"The checkpoints in {parent} cannot be read ({error.strerror}).") from error


def _digest(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
