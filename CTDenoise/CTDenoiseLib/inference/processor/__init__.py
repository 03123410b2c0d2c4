"""The processor: kernels compiled by numba and convolutions by oneDNN, put together for its caches."""

from __future__ import annotations

from .execution import StripByStrip
from .program import UnknownLayerError

__all__ = ["StripByStrip", "UnknownLayerError"]
