"""Versions agree; every package in use is declared, and every one that gets installed is pinned."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import CTDenoiseLib
from repository.cmake_lists import REPOSITORY

OWN_LIBRARIES = {
    "CTDenoiseLib",
    "CTDenoisePanel",
    "CTDenoiseScene",
    "CTDenoiseTrainLib",
    "CTDenoiseTrainPanel",
    "CTDenoiseTrainScene",
}
PART_OF_SLICER = {"DICOMLib", "PyTorchUtils", "SampleData", "packaging", "qt", "slicer", "vtk"}
OF_GPU_BUILDS = ("cuda-", "nvidia-", "triton")
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


def pins(python: str) -> dict[str, str]:
    """The version of each package that constraints.txt allows on Linux with a version of Python."""
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    valid = [pin for pin in requirements if pin.marker is None or pin.marker.evaluate(environment)]
    versions = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in valid}
    assert len(versions) == len(valid), f"constraints.txt pins a package twice for Python {python}"
    return versions


def test_installed_distribution_has_the_version_of_the_library():
    assert metadata.version("ctdenoise") == CTDenoiseLib.__version__


def test_changelog_begins_with_this_version_or_with_what_is_unreleased():
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(?P<version>[^]]+)]", changelog, re.MULTILINE)
    assert newest["version"] in {"Unreleased", CTDenoiseLib.__version__}


@pytest.mark.parametrize("python", PYTHONS)
def test_every_dependency_is_pinned_to_a_version_it_allows(python):
    pinned = pins(python)
    for requirement in _requirements("ctdenoise"):
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_installed_packages_are_all_pinned():
    """Also those that others bring along, except what a GPU build of torch chooses for itself."""
    pinned = pins(f"{sys.version_info.major}.{sys.version_info.minor}")
    waiting, seen = ["ctdenoise"], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        extras = ("", "dev", "train") if name == "ctdenoise" else ("",)
        needed = {canonicalize_name(needed.name) for needed in _requirements(name) if _applies(needed, extras)}
        waiting += {other for other in needed - seen if not other.startswith(OF_GPU_BUILDS)}
    assert not sorted(seen - {"ctdenoise"} - set(pinned))


@pytest.mark.parametrize(
    ("library", "extras"),
    [
        ("CTDenoise/CTDenoiseLib", {""}),
        ("CTDenoise/CTDenoisePanel", {""}),
        ("CTDenoise/CTDenoiseScene", {""}),
        ("CTDenoiseTrain/CTDenoiseTrainLib", {"", "train"}),
        ("CTDenoiseTrain/CTDenoiseTrainPanel", {"", "train"}),
        ("CTDenoiseTrain/CTDenoiseTrainScene", {"", "train"}),
    ],
)
def test_libraries_import_only_what_the_distribution_declares(library, extras):
    part_of_slicer = PART_OF_SLICER if library.endswith(("Panel", "Scene")) else set()
    known = sys.stdlib_module_names | OWN_LIBRARIES | part_of_slicer
    declared = {
        canonicalize_name(needed.name)
        for needed in _requirements("ctdenoise")
        if any(_applies(needed, extras, python_version=python) for python in PYTHONS)
    }
    providers = metadata.packages_distributions()
    for path in (REPOSITORY / library).rglob("*.py"):
        for name in _absolute_imports(path.read_text(encoding="utf-8")) - known:
            # What only an older Python needs is not installed here, and has the name of its module.
            provided_by = {canonicalize_name(provider) for provider in providers.get(name, [name])}
            assert provided_by & declared, f"{path.name}: {name}"


def _absolute_imports(source: str) -> set[str]:
    """First parts of the names of imported modules, relative imports left out."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    return {name.split(".")[0] for name in names}


def _requirements(distribution: str) -> list[Requirement]:
    return [Requirement(text) for text in metadata.requires(distribution) or []]


def _applies(requirement: Requirement, extras: Iterable[str], **environment: str) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate(environment | {"extra": extra}) for extra in extras)
