"""What pip says while it installs, and what that means for the user.

Slicer prints pip's output and raises no more than its exit status; the reason is in what was printed.
"""

from __future__ import annotations

import sys
from collections import deque
from types import TracebackType
from typing import Any, TextIO

from slicer.i18n import tr as _

from .dependency_errors import DependencyError, InstallationFailedError, NoNetworkError

_LINES = 400
_NO_NETWORK = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "SSLError",
    "Could not fetch URL",
    "Connection refused",
    "Network is unreachable",
    "Name or service not known",
    "Temporary failure in name resolution",
    "getaddrinfo failed",
    "nodename nor servname provided",
)
_CONFLICT = ("ResolutionImpossible", "conflicting dependencies")
_DISK_FULL = ("No space left on device", "[Errno 28]", "not enough space on the disk")
_NOT_ALLOWED = ("Permission denied", "[Errno 13]", "Access is denied", "[WinError 5]")


class PipTranscript:
    """While entered, keeps the last lines printed; they still appear where they would."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._stdout: TextIO = sys.stdout

    def __enter__(self) -> PipTranscript:
        self._stdout = sys.stdout
        sys.stdout = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        sys.stdout = self._stdout

    def write(self, text: str) -> int:
        """Keep and pass on a text."""
        self._lines.extend(line for line in text.splitlines() if line.strip())
        self._stdout.write(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stdout, name)

    def explain(self, names: str, error: Exception) -> DependencyError:
        """The error that tells the user why the installation of these packages failed."""
        text = "\n".join((*self._lines, str(getattr(error, "output", None) or ""), str(error)))
        if _says(text, _DISK_FULL):
            return InstallationFailedError(names, _("the disk is full; free some space and start again"))
        if _says(text, _NOT_ALLOWED):
            reason = _("the folder of Slicer may not be written to; install Slicer in a folder of your own")
            return InstallationFailedError(names, reason)
        if _says(text, _CONFLICT):
            reason = _(
                "they do not fit the packages that are in this Slicer, which were left as they are; a fresh "
                "installation of Slicer helps"
            )
            return InstallationFailedError(names, reason)
        if _says(text, _NO_NETWORK):
            return NoNetworkError(names)
        return InstallationFailedError(names, self._last_error() or str(error))

    def _last_error(self) -> str:
        """What pip calls the error, if it does."""
        errors = (line.split("ERROR:", 1)[1] for line in reversed(self._lines) if "ERROR:" in line)
        return next(errors, "").strip()


def _says(text: str, signs: tuple[str, ...]) -> bool:
    return any(sign in text for sign in signs)
