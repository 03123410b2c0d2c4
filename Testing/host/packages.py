"""Installation of Python packages."""

from __future__ import annotations

import importlib.metadata
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import slicer.util
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


@dataclass
class Packages:
    """Slicer's Python, in which packages can be missing and be installed; nothing of the sort happens to this Python.

    Attributes:
        commands: Arguments of each call of pip.
        failure: What pip raises instead of installing, if anything.
    """

    patch: pytest.MonkeyPatch
    commands: list[list[str]] = field(default_factory=list)
    failure: Exception | None = None
    _missing: dict[str, tuple[str, ModuleType | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        version = importlib.metadata.version

        def version_unless_missing(name: str) -> str:
            if canonicalize_name(name) in self._missing:
                raise importlib.metadata.PackageNotFoundError(name)
            return version(name)

        self.patch.setattr(importlib.metadata, "version", version_unless_missing)

    def remove(self, package: str, *, imported_as: str | None = None) -> None:
        """Makes a package missing: `import` does not find it, nor does `importlib.metadata`."""
        name = imported_as or package
        self._missing[canonicalize_name(package)] = name, sys.modules.get(name)
        self.patch.setitem(sys.modules, name, None)

    def pip_install(self, requirements: str | list[str], constraints: Path | str | None = None, **_: Any) -> None:
        """Stands for `slicer.packaging.pip_install` and `slicer.util.pip_install`."""
        arguments = requirements.split() if isinstance(requirements, str) else [str(part) for part in requirements]
        self.commands.append(arguments + (["-c", str(constraints)] if constraints else []))
        if self.failure is not None:
            raise self.failure
        for name in list(self._missing):
            if name in map(_package, arguments):
                self._put_back(name)

    def module(self) -> ModuleType:
        """Stands for `slicer.packaging` of Slicer 5.12."""
        module = ModuleType("slicer.packaging", Packages.module.__doc__)
        module.load_requirements = load_requirements
        module.pip_check = self._is_satisfied
        module.pip_ensure = self._ensure
        module.pip_install = self.pip_install
        return module

    def torch_module(self) -> ModuleType:
        """Stands for the module `PyTorchUtils` of the PyTorch extension; `remove("PyTorchUtils")` makes it missing."""
        module = ModuleType("PyTorchUtils", Packages.torch_module.__doc__)
        module.PyTorchUtilsLogic = lambda: TorchLogic(self)
        return module

    def _ensure(
        self,
        requirements: str | list[Any],
        constraints: Path | str | None = None,
        requester: str | None = None,
        prompt_install: bool = True,
        skip_in_testing: bool = True,
        **_: Any,
    ) -> None:
        """Stands for `slicer.packaging.pip_ensure`: asks, then installs what is missing; nothing while testing."""
        listed = requirements if isinstance(requirements, list) else requirements.split()
        missing = [str(requirement) for requirement in listed if not self._is_satisfied(requirement)]
        if not missing or (skip_in_testing and slicer.app.testingEnabled()):
            return
        question = f"{len(missing)} Python packages need to be installed. Continue?"
        if prompt_install and not slicer.util.confirmOkCancelDisplay(
            question, requester, detailedText="\n".join(missing)
        ):
            raise RuntimeError("User declined package installation")
        self.pip_install(missing, constraints)

    def _is_satisfied(self, requirement: str | Requirement) -> bool:
        requirement = Requirement(str(requirement))
        if requirement.marker is not None and not requirement.marker.evaluate():
            return True
        try:
            return requirement.specifier.contains(importlib.metadata.version(requirement.name), prereleases=True)
        except importlib.metadata.PackageNotFoundError:
            return False

    def _put_back(self, package: str) -> None:
        name, module = self._missing.pop(package)
        if module is None:
            self.patch.delitem(sys.modules, name)
        else:
            self.patch.setitem(sys.modules, name, module)


class TorchLogic:
    """Stands for `PyTorchUtils.PyTorchUtilsLogic`."""

    def __init__(self, packages: Packages) -> None:
        self._packages = packages

    def torchInstalled(self) -> bool:
        return self._packages._is_satisfied("torch")

    def installTorch(
        self,
        askConfirmation: bool = False,
        forceComputationBackend: str | None = None,
        torchVersionRequirement: str | None = None,
    ) -> Any:
        """Asks, then installs; gives back None when the user declines, something of torch's otherwise."""
        question = "PyTorch will be downloaded and installed. The process might take some minutes."
        if askConfirmation and not slicer.util.confirmOkCancelDisplay(question):
            return None
        backend = [f"--pytorch-computation-backend={forceComputationBackend}"] if forceComputationBackend else []
        self._packages.pip_install([f"torch{torchVersionRequirement or ''}", *backend])
        return ModuleType("torch")


def load_requirements(path: Path | str) -> list[Requirement]:
    """Stands for `slicer.packaging.load_requirements`."""
    lines = [line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def _package(argument: str) -> str:
    """The name of the package in an argument of pip, "" for an option and its value."""
    try:
        return canonicalize_name(Requirement(argument).name)
    except InvalidRequirement:
        return ""
