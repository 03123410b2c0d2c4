"""The one base of every error this package raises on purpose."""

from __future__ import annotations


class CTDenoiseError(Exception):
    """Something the user can act on.

    The message is the sentence the user reads: it says what is wrong with which file or value, and what to do.
    Front ends print it as it is; anything that is not a `CTDenoiseError` is a defect of ours.
    """


class Cancelled(CTDenoiseError):  # noqa: N818 - being cancelled is no error of anybody's
    """The caller asked to stop."""
