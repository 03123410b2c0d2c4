"""Installation of Python packages."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from subprocess import CalledProcessError

import pytest
import slicer.util


@pytest.fixture
def packages(slicer_host):
    slicer_host.packages.remove("jsonschema")
    return slicer_host.packages


@pytest.fixture
def ensure(packages):
    from slicer.packaging import pip_ensure

    return pip_ensure


def test_a_removed_package_is_missing_until_it_is_installed(packages):
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("jsonschema")
    assert importlib.util.find_spec("jsonschema") is None
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("jsonschema")
    slicer.util.pip_install("jsonschema>=4.20 rich --constraint /a/constraints.txt")
    assert importlib.import_module("jsonschema")
    assert importlib.metadata.version("jsonschema")
    assert packages.commands == [["jsonschema>=4.20", "rich", "--constraint", "/a/constraints.txt"]]


def test_ensuring_asks_and_installs_what_is_missing_only(packages, ensure, slicer_host, tmp_path):
    from slicer.packaging import load_requirements

    (tmp_path / "requirements.txt").write_text("# needed\njsonschema>=4.20\n\nnumpy>=1.26\n")
    slicer_host.user.answer("OK")
    ensure(load_requirements(tmp_path / "requirements.txt"), constraints="constraints.txt", requester="CTDenoise")
    assert packages.commands == [["jsonschema>=4.20", "-c", "constraints.txt"]]
    assert slicer_host.user.messages[0].details == "jsonschema>=4.20"
    ensure("jsonschema")
    assert len(packages.commands) == 1


def test_declining_raises_what_slicer_raises(packages, ensure, slicer_host):
    slicer_host.user.answer("Cancel")
    with pytest.raises(RuntimeError, match="declined"):
        ensure(["jsonschema"])
    assert packages.commands == []


def test_nothing_is_installed_while_slicer_tests(packages, ensure, slicer_host):
    slicer_host.app.testing = True
    ensure(["jsonschema"])
    assert packages.commands == []


def test_a_failing_pip_installs_nothing(packages, ensure, slicer_host):
    packages.failure = CalledProcessError(1, ["pip"])
    slicer_host.user.answer("OK")
    with pytest.raises(CalledProcessError):
        ensure(["jsonschema"])
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("jsonschema")


def test_torch_comes_through_its_extension(slicer_host):
    from PyTorchUtils import PyTorchUtilsLogic

    slicer_host.packages.remove("torch")
    logic = PyTorchUtilsLogic()
    assert not logic.torchInstalled()
    slicer_host.user.answer("Cancel", "OK")
    assert logic.installTorch(askConfirmation=True) is None
    assert logic.installTorch(askConfirmation=True, torchVersionRequirement=">=2.4") is not None
    assert logic.torchInstalled()
    assert slicer_host.packages.commands == [["torch>=2.4"]]


def test_the_extension_of_torch_can_be_missing(slicer_host):
    slicer_host.packages.remove("PyTorchUtils")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("PyTorchUtils")
