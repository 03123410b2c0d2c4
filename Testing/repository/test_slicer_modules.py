"""The module files that Slicer loads, on a stand-in for its Qt side."""

# ruff: noqa: F811 — pytest hands the imported fixtures over by name.

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.fixtures import load_module, slicer_dialect, slicer_host  # noqa: F401
from repository.cmake_lists import MODULES, REPOSITORY

PART_OF_SLICER = {"SimpleITK", "ctk", "numpy", "packaging", "pydicom", "qt", "scipy", "slicer", "vtk"}
INSTALLED_AT_FIRST_USE = ("jsonschema", "matplotlib", "platformdirs", "psutil", "safetensors", "torch")


def file_of(module: str) -> Path | None:
    """The file of a module of this repository, None for another's."""
    for folder in MODULES:
        path = REPOSITORY / folder / module.replace(".", "/")
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def file_scope_imports(module: str, file: Path) -> Iterator[str]:
    """Names of modules that importing a module imports; a name from a module may be one itself."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) + 1 - node.level]) if node.level else ""
            whole = ".".join(filter(None, (base, node.module)))
            yield whole
            yield from (f"{whole}.{alias.name}" for alias in node.names)


def imported_from_elsewhere(module: str) -> set[str]:
    """Top-level names of other people's packages that are imported when a module is, through all modules of ours."""
    seen, to_do, elsewhere = set(), [module], set()
    while to_do:
        name = to_do.pop()
        file = file_of(name)
        if file is None:
            top = name.split(".")[0]
            elsewhere |= {top} - ({top} if file_of(top) else set())
        elif name not in seen:
            seen.add(name)
            parents = [name.rsplit(".", number)[0] for number in range(1, name.count(".") + 1)]
            to_do += [*parents, *file_scope_imports(name, file)]
    return elsewhere


def described(name: str):
    """What the loaded module tells Slicer of itself."""
    import slicer

    return getattr(slicer.modules, name.lower())


@pytest.mark.parametrize("name", MODULES)
def test_loading_imports_only_what_every_slicer_has(name):
    assert imported_from_elsewhere(name) <= PART_OF_SLICER | sys.stdlib_module_names


@pytest.mark.parametrize("name", MODULES)
def test_module_introduces_itself(load_module, name):
    load_module(name, entered=False)
    parent = described(name)
    assert parent.title.startswith("CT Denoise")
    assert parent.categories == ["Filtering"]
    assert "research use only" in parent.helpText.lower()
    assert set(parent.dependencies) <= set(MODULES)
    assert not parent.icon.isNull()


def test_the_five_publications_are_acknowledged(load_module):
    load_module("CTDenoise", entered=False)
    text = described("CTDenoise").acknowledgementText
    for author in ("Madhavan", "Zhang", "Huber", "Kim", "Hiroshima"):
        assert author in text


@pytest.mark.parametrize("name", MODULES)
def test_library_lies_beside_its_module(name):
    (package,) = importlib.import_module(f"{name}Lib").__path__
    assert Path(package).parent == REPOSITORY / name


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("main_window", [True, False])
def test_panel_opens_before_anything_is_installed(load_module, slicer_host, name, main_window):
    import qt

    for package in INSTALLED_AT_FIRST_USE:
        slicer_host.packages.remove(package)
    window = load_module(name, main_window=main_window).window
    assert any("Research use only" in label.text for label in window.findChildren(qt.QLabel))
    assert not slicer_host.user.messages
