"""Slicer's own Python has no torch, yet shows which models there are."""

import subprocess
import sys
import textwrap

import pytest

LOOK_AT_MODELS = textwrap.dedent(
    """
    import importlib.abc
    import pathlib
    import sys

    class Absent(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name.split(".")[0] in {"torch", "safetensors"}:
                raise ImportError(f"{name} is not installed")

    sys.meta_path.insert(0, Absent())
    from CTDenoiseLib.models import Model, ModelCard, ModelStore

    store = ModelStore(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    print(*(card.name for card in store.cards()), len(store.damaged()), store.default_model)
    store.remove("mine")
    try:
        store.load("tiny")
    except ImportError:
        print("loading needs torch")
    """
)


@pytest.fixture
def looked_at(store, offered):
    store.add(offered)
    command = [sys.executable, "-c", LOOK_AT_MODELS, str(store.bundled_folder), str(store.user_folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_cards_are_listed_and_removed_without_torch_and_only_loading_needs_it(looked_at):
    assert looked_at == ["tiny mine 0 tiny", "loading needs torch"]
