"""The Python packages that denoising needs inside Slicer: which of them are missing, and how they get there.

Looking costs nothing: versions are read from the packages' metadata, nothing is imported, torch least of all. `ensure`
installs, at first use and after asking: torch through the PyTorch extension, the rest through Slicer's pip, with every
package that is there already frozen at its version, because a Slicer whose numpy was replaced no longer starts.
"""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Protocol

import slicer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from slicer.i18n import tr as _

from .dependency_errors import (
    DeclinedError,
    DependencyError,
    InstallationFailedError,
    SlicerTooOldError,
    TestingModeError,
)
from .pip_transcript import PipTranscript
from .required_packages import BUNDLED, REQUIREMENTS_FILE, TORCH, read_requirements
from .slicer_installers import install_packages, install_torch

# What an installation of torch brings or replaces together.
_FAMILY_OF_TORCH = ("torch", "torchvision", "torchaudio", "triton")
_FAMILIES_OF_TORCH = ("nvidia-", "cuda-")


class TorchInstaller(Protocol):
    """Installs torch."""

    def __call__(self, requirement: Requirement, *, constraints: Path) -> bool:
        """Ask the user and install; False when the user declined, an exception when it failed."""


class PackageInstaller(Protocol):
    """Installs packages other than torch."""

    def __call__(self, requirements: tuple[Requirement, ...], *, constraints: Path) -> bool:
        """Ask the user and install; False when the user declined, an exception when it failed."""


@dataclass(frozen=True)
class MissingPackages:
    """What is not there, or too old; false when nothing is.

    Attributes:
        torch: Whether torch is among it.
        packages: The others, to be installed with pip.
        bundled: Packages that come with Slicer and that a newer Slicer would bring.
    """

    torch: bool
    packages: tuple[Requirement, ...]
    bundled: tuple[Requirement, ...] = ()

    def __bool__(self) -> bool:
        return self.torch or bool(self.packages) or bool(self.bundled)

    @property
    def names(self) -> str:
        """Names for the user, such as “PyTorch, jsonschema, safetensors”."""
        torch = ("PyTorch",) if self.torch else ()
        return ", ".join((*torch, *(needed.name for needed in (*self.packages, *self.bundled))))


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """The packages denoising needs, and the two ways they are installed.

    Attributes:
        torch: The requirement that `install_torch` fulfils.
        packages: Those that `install_packages` fulfils.
        bundled: Those that come with Slicer.
        install_torch: See `TorchInstaller`.
        install_packages: See `PackageInstaller`.
        testing: Whether Slicer runs tests, when nothing may be installed.
    """

    torch: Requirement = TORCH
    packages: tuple[Requirement, ...] = ()
    bundled: tuple[Requirement, ...] = BUNDLED
    install_torch: TorchInstaller = install_torch
    install_packages: PackageInstaller = install_packages
    testing: Callable[[], bool] = lambda: bool(slicer.app.testingEnabled())

    @classmethod
    def of_this_extension(cls, *more: Path) -> Dependencies:
        """Those in Resources/requirements.txt, installed as Slicer does it.

        Args:
            more: Files like that one, of modules that need more.
        """
        files = (REQUIREMENTS_FILE, *more)
        return cls(packages=tuple(needed for file in files for needed in read_requirements(file)))

    def missing(self) -> MissingPackages:
        """What is not installed or too old, in a few milliseconds."""
        importlib.invalidate_caches()
        return MissingPackages(
            torch=not (is_satisfied(self.torch) and importlib.util.find_spec(self.torch.name) is not None),
            packages=tuple(needed for needed in self.packages if not is_satisfied(needed)),
            bundled=tuple(needed for needed in self.bundled if _is_too_old(needed)),
        )

    def ensure(self) -> None:
        """Install what is missing, torch first, after asking the user; nothing happens when all is there.

        Blocks as Slicer's own installation does, behind its dialogs.

        Raises:
            SlicerTooOldError: A package that comes with Slicer is too old.
            TestingModeError: Slicer runs tests.
            PyTorchExtensionMissingError: Torch is missing and so is the extension that installs it.
            DeclinedError: The user said no.
            NoNetworkError: The packages cannot be downloaded.
            InstallationFailedError: Anything else went wrong; the message says what.
        """
        missing = self.missing()
        if missing.bundled:
            raise SlicerTooOldError(missing.names)
        if missing and self.testing():
            raise TestingModeError(missing.names)
        if missing.torch:
            self._install("PyTorch", (self.torch,), partial(self.install_torch, self.torch))
        packages = self.missing().packages
        if packages:
            names = ", ".join(needed.name for needed in packages)
            self._install(names, packages, partial(self.install_packages, packages))
        still_missing = self.missing()
        if still_missing:
            reason = _("pip finished but did not bring them; restart Slicer and try again")
            raise InstallationFailedError(still_missing.names, reason)

    @staticmethod
    def _install(names: str, requirements: tuple[Requirement, ...], install: Callable[..., bool]) -> None:
        with tempfile.TemporaryDirectory(prefix="ctdenoise-") as folder, PipTranscript() as transcript:
            constraints = Path(folder) / "constraints.txt"
            constraints.write_text(frozen_packages(besides=requirements), encoding="utf-8")
            try:
                agreed = install(constraints=constraints)
            except DependencyError:
                raise
            except Exception as error:
                # Another extension's code and pip's fail in many ways; each ends in a sentence here.
                raise transcript.explain(names, error) from error
        if not agreed:
            raise DeclinedError(names)


def is_satisfied(requirement: Requirement) -> bool:
    """Whether a package is installed in a version that will do, or not needed on this system."""
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    version = _installed_version(requirement.name)
    return version is not None and requirement.specifier.contains(version, prereleases=True)


def frozen_packages(*, besides: Iterable[Requirement] = ()) -> str:
    """A constraints file for pip that keeps every installed package at its version.

    Args:
        besides: Requirements that are about to be fulfilled: if an older version is there, it may go.
    """
    free: set[str] = {canonicalize_name(needed.name) for needed in besides}
    if "torch" in free:
        free.update(_FAMILY_OF_TORCH)
    versions: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = canonicalize_name(distribution.metadata["Name"] or "")
        if name in free or ("torch" in free and name.startswith(_FAMILIES_OF_TORCH)):
            continue
        # A package of which there are two is imported from where Python looks first.
        versions.setdefault(name, distribution.metadata["Version"])
    valid = {name: version for name, version in versions.items() if name and _parsed(version) is not None}
    return "".join(f"{name}=={version}\n" for name, version in sorted(valid.items()))


def _is_too_old(requirement: Requirement) -> bool:
    """Whether a bundled package is there in an old version, or not at all; Slicer builds some without metadata."""
    if _installed_version(requirement.name) is None:
        return importlib.util.find_spec(requirement.name) is None
    return not is_satisfied(requirement)


def _installed_version(name: str) -> Version | None:
    """The version of a package, None when it is not installed or its metadata are damaged."""
    try:
        return _parsed(metadata.version(name))
    except metadata.PackageNotFoundError:
        return None


def _parsed(version: str | None) -> Version | None:
    try:
        return Version(version or "")
    except InvalidVersion:
        return None
