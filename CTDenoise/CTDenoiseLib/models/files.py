"""The two files of a model on disk: NAME.json, the card, and NAME.safetensors, the weights."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..atomic import file_in_the_making
from .card import ModelCard
from .errors import DamagedModelError, ModelError


def card_path(folder: Path, name: str) -> Path:
    """Where the card of a model lies in a folder."""
    return folder / f"{name}.json"


def card_paths(folder: Path | None) -> list[Path]:
    """All files of a folder that should be cards, sorted; none when there is no folder."""
    if folder is None or not folder.is_dir():
        return []
    return sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))


def read_weights(card: ModelCard, folder: Path) -> bytes:
    """The bytes of the weights file of a card, checked against the SHA256 in the card.

    Raises:
        DamagedModelError: The file is missing, unreadable or altered.
    """
    path = folder / card.weights.file
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DamagedModelError(f"The weights “{path}” of the model “{card.name}” are missing.") from None
    except OSError as error:
        raise DamagedModelError(f"The weights “{path}” of the model “{card.name}” cannot be read: {error}.") from error
    found = hashlib.sha256(content).hexdigest()
    if found != card.weights.sha256:
        raise DamagedModelError(
            f"The weights “{path}” are damaged or were replaced: their SHA256 begins with {found[:12]}, the card of "
            f"“{card.name}” says {card.weights.sha256[:12]}; get the model again."
        )
    return content


def write_model(folder: Path, card: ModelCard, weights: bytes, *, overwrite: bool) -> None:
    """Write a card and the bytes of its weights into a folder, both or neither.

    Raises:
        DamagedModelError: The card is not valid.
        OutputExistsError: The files are there and may not be replaced.
        WriteFailedError: The disk does not take them.
    """
    text = card.to_json()
    with file_in_the_making(card_path(folder, card.name), overwrite=overwrite) as path:
        path.with_name(card.weights.file).write_bytes(weights)
        path.write_text(text, encoding="utf-8", newline="\n")


def delete_model(card_file: Path) -> None:
    """Delete a card and the weights of the same name beside it.

    Raises:
        ModelError: The system does not allow it.
    """
    try:
        # The card first: without it the weights are no model, whatever happens next.
        card_file.unlink()
        card_file.with_suffix(".safetensors").unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(f"The model “{card_file}” cannot be removed: {error.strerror}.") from error
