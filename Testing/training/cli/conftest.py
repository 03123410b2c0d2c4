"""What tests of the commands of training share: images, runs and models of a site, all in folders with spaces."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from CTDenoiseTrainLib.cli.watch import TerminalObserver
from CTDenoiseTrainLib.recipe.toml_file import write_recipe
from support.tiny_model import save_tiny_model, tiny_network
from support.tiny_run import tiny_recipe, write_pair


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ctdenoise: Callable[..., Any]) -> Path:
    """A folder with low.nrrd and full.nrrd; runs and models of the user lie in “our runs” and “our models” beside."""
    folder = tmp_path / "our images"
    write_pair(folder)
    monkeypatch.setenv("CTDENOISE_RUNS", str(tmp_path / "our runs"))
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path / "our models"))
    save_tiny_model(tmp_path / "our models", network=tiny_network(width=2, levels=2))
    return folder


@pytest.fixture
def write(site: Path) -> Callable[..., Path]:
    """Writes a recipe beside the images; keywords are fields of `TrainingOptions`."""

    def to_file(name: str = "recipe.toml", *, alter: tuple[str, str] = ("", ""), **training: Any) -> Path:
        """Write it, with one text in it replaced by another."""
        recipe = site / name
        write_recipe(tiny_recipe(**training), recipe, overwrite=True)
        recipe.write_text(recipe.read_text(encoding="utf-8").replace(*alter), encoding="utf-8")
        return recipe

    return to_file


@pytest.fixture
def runs(site: Path) -> Path:
    """Where the user's runs lie."""
    return site.parent / "our runs"


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has the user press Ctrl-C, once or several times in a row, when a training first tells something."""

    def when(told: str, *, times: int = 1, epoch: int | None = None) -> None:
        tell, done = getattr(TerminalObserver, told), []

        def tell_and_interrupt(observer: TerminalObserver, news: Any) -> None:
            tell(observer, news)
            if not done and (epoch is None or news.epoch == epoch):
                done.append(news)
                for _ in range(times):
                    signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(TerminalObserver, told, tell_and_interrupt)

    return when
