"""What Slicer is asked to install agrees with pyproject.toml."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from repository.cmake_lists import REPOSITORY

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # comes with pytest


@pytest.fixture
def required() -> ModuleType:
    path = REPOSITORY / "CTDenoise" / "CTDenoisePanel" / "required_packages.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_name(*requirements: Requirement) -> dict[str, str]:
    return {canonicalize_name(needed.name): str(needed.specifier) for needed in requirements}


def project() -> dict[str, Any]:
    """What pyproject.toml declares."""
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]


TRAINING = REPOSITORY / "CTDenoiseTrain" / "Resources" / "requirements.txt"


def test_together_the_three_ways_bring_what_pyproject_declares(required):
    packages = required.read_requirements(required.REQUIREMENTS_FILE)
    assert by_name(required.TORCH, *required.BUNDLED, *packages) == by_name(
        *map(Requirement, project()["dependencies"])
    )


def test_pip_is_asked_for_neither_torch_nor_what_comes_with_slicer(required):
    packages = required.read_requirements(required.REQUIREMENTS_FILE)
    assert not by_name(*packages).keys() & {"torch", "numpy", "scipy", "simpleitk", "pydicom", "requests"}


def test_training_needs_what_pyproject_declares_for_it(required):
    declared = [Requirement(text) for text in project()["optional-dependencies"]["train"]]
    assert set(map(str, required.read_requirements(TRAINING))) == set(map(str, declared))


@pytest.mark.parametrize("training", [False, True])
def test_the_list_is_sorted_and_names_each_package_once(required, training):
    names = [needed.name for needed in required.read_requirements(TRAINING if training else required.REQUIREMENTS_FILE)]
    assert names == sorted(set(names), key=str.lower)
