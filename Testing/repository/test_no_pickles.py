"""Nothing in the repository reads or writes a format that runs code when it is opened."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.cmake_lists import REPOSITORY

FOLDERS = ("CTDenoise", "CTDenoiseTrain", "Testing")
MODULES = {"_pickle", "cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
CALLS = {"torch.load", "torch.save", "torch.jit.load", "torch.jit.save"}
SUFFIXES = {".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"}


def pickling(source: str) -> Iterator[str]:
    """What in Python source reads or writes pickles."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield str(node.module)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in CALLS:
            yield ast.unparse(node)
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            yield "allow_pickle"


def test_no_source_file_pickles():
    sources = [path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*.py")]
    found = {path: list(pickling(path.read_text(encoding="utf-8"))) for path in sources}
    assert sources
    assert not {str(path.relative_to(REPOSITORY)): names for path, names in found.items() if names}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import dump",
        "import torch\ntorch.load('x')",
        "load = torch.save",
        "numpy.load('x', allow_pickle=True)",
    ],
)
def test_pickling_is_seen(source):
    assert list(pickling(source))


def test_no_file_is_a_pickled_checkpoint():
    folders = [REPOSITORY / folder for folder in (*FOLDERS, "Resources")]
    found = [path for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()]
    assert not [str(path.relative_to(REPOSITORY)) for path in found if not _is_by_product(path)]


def _is_by_product(path: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(REPOSITORY).parts)
