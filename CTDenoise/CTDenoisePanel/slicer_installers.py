"""How Slicer installs Python packages: torch through the PyTorch extension, the rest through its pip."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import slicer
from packaging.requirements import Requirement
from slicer.i18n import tr as _

from .dependency_errors import PyTorchExtensionMissingError

_REQUESTER = "CTDenoise"
_PIP_CONSTRAINT = "PIP_CONSTRAINT"


def install_torch(requirement: Requirement, *, constraints: Path) -> bool:
    """Let the PyTorch extension choose the torch for this computer, ask the user, and install it.

    Returns:
        False when the user declined.

    Raises:
        PyTorchExtensionMissingError: The extension is not installed.
        Exception: Whatever the extension raises when pip fails.
    """
    try:
        from PyTorchUtils import PyTorchUtilsLogic
    except ModuleNotFoundError as error:
        raise PyTorchExtensionMissingError from error
    with _pip_constrained_by(constraints):
        torch = PyTorchUtilsLogic().installTorch(
            askConfirmation=True, torchVersionRequirement=str(requirement.specifier)
        )
    return torch is not None


def install_packages(requirements: tuple[Requirement, ...], *, constraints: Path) -> bool:
    """Ask the user and install packages with Slicer's pip.

    Returns:
        False when the user declined.

    Raises:
        Exception: Whatever Slicer raises when pip fails.
    """
    pip_ensure = _pip_ensure()
    if pip_ensure is None:
        return _ask_and_install(requirements, constraints)
    try:
        pip_ensure(list(requirements), constraints=constraints, requester=_REQUESTER)
    except RuntimeError as error:
        # Slicer has no error of its own for a user who declines.
        if "declined" not in str(error):
            raise
        return False
    return True


def _pip_ensure() -> Callable[..., Any] | None:
    """`slicer.packaging.pip_ensure`, which Slicer has from version 5.12 on."""
    try:
        import slicer.packaging as packaging_of_slicer
    except ImportError:
        return None
    return getattr(packaging_of_slicer, "pip_ensure", None)


def _ask_and_install(requirements: tuple[Requirement, ...], constraints: Path) -> bool:
    """The same for a Slicer that cannot ask by itself."""
    texts = [str(requirement) for requirement in requirements]
    question = _("CT Denoise needs these Python packages, which will be added to Slicer's Python:\n\n{names}")
    if not slicer.util.confirmOkCancelDisplay(question.format(names="\n".join(texts)), _("Install Python packages")):
        return False
    slicer.util.pip_install([*texts, "--constraint", str(constraints)])
    return True


@contextmanager
def _pip_constrained_by(constraints: Path) -> Iterator[None]:
    """Have every pip started from here obey a constraints file; the PyTorch extension takes none as an argument."""
    before = os.environ.get(_PIP_CONSTRAINT)
    # Pip splits the variable at spaces, which an address of the file has none of.
    os.environ[_PIP_CONSTRAINT] = " ".join(filter(None, (before, constraints.as_uri())))
    try:
        yield
    finally:
        if before is None:
            del os.environ[_PIP_CONSTRAINT]
        else:
            os.environ[_PIP_CONSTRAINT] = before
