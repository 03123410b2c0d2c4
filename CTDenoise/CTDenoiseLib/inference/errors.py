"""What can go wrong between a volume and its denoised sections."""

from __future__ import annotations

from ..errors import CTDenoiseError


class BackendError(CTDenoiseError):
    """No such device here, or a precision that it cannot do."""


class MismatchError(CTDenoiseError):
    """The model is not made for images of this kind."""


class DenoiseRequestError(CTDenoiseError):
    """A strength, an order of sections or a batch size that makes no sense."""


class NotFiniteError(CTDenoiseError):
    """A section, or what the network made of it, holds NaN or infinity."""


class NotEnoughMemoryError(CTDenoiseError):
    """Not even the smallest tiles fit into the memory of the device."""
