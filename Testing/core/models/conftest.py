"""Models that are damaged in one chosen way, and otherwise right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
from torch import Tensor

from CTDenoiseLib.models import ModelStore
from support.tiny_model import save_tiny_model, tiny_store

Forge = Callable[..., ModelStore]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with the bundled model “tiny” and no user folder yet."""
    return tiny_store(tmp_path)


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    """The card of a model “mine”, outside of any store."""
    save_tiny_model(tmp_path / "download", name="mine")
    return tmp_path / "download" / "mine.json"


@pytest.fixture
def forge(store: ModelStore) -> Forge:
    """Alter the bundled model: its tensors, the bytes of its weights (the SHA256 follows), its card, in that order."""

    def forge_model(
        *,
        tensors: Callable[[dict[str, Tensor]], Any] | None = None,
        weights: Callable[[bytes], bytes] | None = None,
        card: Callable[[dict[str, Any]], Any] | None = None,
    ) -> ModelStore:
        card_file = store.bundled_folder / "tiny.json"
        weights_file = store.bundled_folder / "tiny.safetensors"
        content = weights_file.read_bytes()
        if tensors is not None:
            state = safetensors.torch.load(content)
            tensors(state)
            content = safetensors.torch.save(state)
        if weights is not None:
            content = weights(content)
        weights_file.write_bytes(content)
        fields = json.loads(card_file.read_text(encoding="utf-8"))
        fields["weights"]["sha256"] = hashlib.sha256(content).hexdigest()
        if card is not None:
            card(fields)
        card_file.write_text(json.dumps(fields), encoding="utf-8")
        return store

    return forge_model
