"""`ctdenoise` as a whole, with a model small enough for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.command import Answer, run_command
from support.tiny_model import save_tiny_model, tiny_network


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model “tiny”, which looks at 3 sections."""
    folder = tmp_path_factory.mktemp("small_model")
    save_tiny_model(folder, network=tiny_network(width=2, levels=2))
    return folder


@pytest.fixture
def ctdenoise(
    small_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Runs a command line given as separate words."""
    monkeypatch.setenv("CTDENOISE_MODELS", str(small_model))
    return lambda *words: run_command(capsys, *words)
