"""Every text that the user reads can be translated: it is a constant in the call of `_`, and `_` is what it seems."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = [
    file
    for module in ("CTDenoise", "CTDenoiseTrain")
    for file in (REPOSITORY / module / f"{module}.py", *sorted((REPOSITORY / module / f"{module}Panel").glob("*.py")))
]


def translations(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
            yield node


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_texts_are_constants(file):
    for call in translations(ast.parse(file.read_text(encoding="utf-8"))):
        (text,) = call.args
        assert isinstance(text, ast.Constant), f"{file.name}:{call.lineno}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_no_argument_hides_the_translation(file):
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            arguments = function.args
            names = {argument.arg for argument in ast.walk(arguments) if isinstance(argument, ast.arg)}
            assert "_" not in names or not any(translations(function)), f"{file.name}:{function.lineno}"
