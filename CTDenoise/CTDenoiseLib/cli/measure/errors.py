"""What can be wrong with the options of a measurement."""

from __future__ import annotations

from ...errors import CTDenoiseError


class OptionError(CTDenoiseError):
    """An option cannot be understood, or options do not go together."""
