"""Why the packages that denoising and training need are not there; each message says the way out."""

from __future__ import annotations

from slicer.i18n import tr as _

from CTDenoiseLib.errors import CTDenoiseError


class DependencyError(CTDenoiseError):
    """Packages are missing and could not be installed."""


class DeclinedError(DependencyError):
    """The user did not agree to an installation."""

    def __init__(self, names: str) -> None:
        text = _("Nothing was installed. CT Denoise needs {names}; start again and agree to the installation.")
        super().__init__(text.format(names=names))


class NoNetworkError(DependencyError):
    """The packages could not be downloaded."""

    def __init__(self, names: str) -> None:
        text = _(
            "{names} could not be downloaded because the package index did not answer. Check the connection (behind a "
            "proxy or a mirror, set it up in pip's configuration) and start again; what is installed already stays."
        )
        super().__init__(text.format(names=names))


class PyTorchExtensionMissingError(DependencyError):
    """The extension that installs torch is not there."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "CT Denoise needs PyTorch, which the extension “PyTorch” installs. Install that extension in the "
                "Extensions Manager, restart Slicer and start again."
            )
        )


class SlicerTooOldError(DependencyError):
    """A package that comes with Slicer is older than what denoising needs; replacing it would break Slicer."""

    def __init__(self, names: str) -> None:
        text = _("This Slicer comes with versions of {names} that are too old for CT Denoise; update Slicer.")
        super().__init__(text.format(names=names))


class TestingModeError(DependencyError):
    """Slicer runs tests, which may not change its Python."""

    __test__ = False

    def __init__(self, names: str) -> None:
        text = _("CT Denoise needs {names}, and a Slicer in testing mode installs nothing; start Slicer without it.")
        super().__init__(text.format(names=names))


class InstallationFailedError(DependencyError):
    """Pip or the PyTorch extension failed."""

    def __init__(self, names: str, reason: str) -> None:
        text = _("{names} could not be installed: {reason}.")
        super().__init__(text.format(names=names, reason=reason.strip().rstrip(".")))
