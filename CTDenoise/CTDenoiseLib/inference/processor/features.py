"""Feature maps in memory that is used again and again."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_STORED: dict[torch.dtype, Any] = {torch.float32: np.float32, torch.bfloat16: np.uint16}


@dataclass(frozen=True)
class Features:
    """The features of one section, or of a strip of it.

    Attributes:
        tensor: Shape (y, x, channels), contiguous.
        array: The same memory for the kernels: float32, or uint16 for bf16.
    """

    tensor: Tensor
    array: NDArray[Any]

    @classmethod
    def of(cls, tensor: Tensor) -> Features:
        """Features of a tensor of shape (y, x, channels), copied only if it is not contiguous."""
        tensor = tensor.contiguous()
        if tensor.dtype == torch.bfloat16:
            return cls(tensor, tensor.view(torch.int16).numpy().view(np.uint16))
        return cls(tensor, tensor.numpy())

    def image(self, first: int, last: int) -> Tensor:
        """Rows as a batch of one in channels-last layout, shape (1, channels, y, x)."""
        return as_image(self.tensor[first:last])


def as_image(features: Tensor) -> Tensor:
    """Features of shape (y, x, channels) as a batch of one, shape (1, channels, y, x), in channels-last layout.

    The batch comes before the permutation: the other way round its stride is that of no layout, and PyTorch copies.
    """
    return features[None].permute(0, 3, 1, 2)


def features_of_image(image: Tensor) -> Features:
    """Features of a batch of one, shape (1, channels, y, x); channels-last is not copied."""
    return Features.of(image[0].permute(1, 2, 0))


class Memory:
    """A piece of memory that only grows, so that the system need not hand out and clear fresh pages for each section.

    On a section of 1024² that had taken a third of the time.
    """

    def __init__(self) -> None:
        self._bytes: NDArray[np.uint8] = np.empty(0, np.uint8)

    @property
    def size(self) -> int:
        """Bytes."""
        return self._bytes.size

    def reserve(self, size: int) -> None:
        """Take so many bytes in place of those before, which go first if nobody holds a part of them."""
        self._bytes = np.empty(0, np.uint8)
        self._bytes = np.empty(size, np.uint8)

    def features(self, offset: int, shape: tuple[int, ...], dtype: torch.dtype) -> Features:
        """A part of it, from a byte on; shape (y, x, channels) or with more dimensions before."""
        stored = np.dtype(_STORED[dtype])
        size = int(np.prod(shape, dtype=np.int64)) * stored.itemsize
        array = self._bytes[offset : offset + size].view(stored).reshape(shape)
        tensor = torch.from_numpy(array.view(np.int16)).view(torch.bfloat16) if dtype != torch.float32 else None
        return Features(torch.from_numpy(array) if tensor is None else tensor, array)


class Scratch(threading.local):
    """Memory of each thread for what lives no longer than a strip."""

    def __init__(self) -> None:
        self._pieces: dict[str, Memory] = {}
        self._features: dict[tuple[str, tuple[int, ...], torch.dtype], Features] = {}
        self._zeros: dict[tuple[tuple[int, ...], torch.dtype], NDArray[Any]] = {}

    def features(self, name: str, shape: tuple[int, ...], dtype: torch.dtype) -> Features:
        """Features of some shape, filled with what was left there."""
        key = name, shape, dtype
        if key not in self._features:
            size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
            piece = self._pieces.setdefault(name, Memory())
            if piece.size < size:
                self._features = {known: found for known, found in self._features.items() if known[0] != name}
                piece.reserve(size)
            self._features[key] = piece.features(0, shape, dtype)
        return self._features[key]

    def zeros(self, shape: tuple[int, ...], dtype: torch.dtype) -> NDArray[Any]:
        """Zeros of some shape, only to be read."""
        key = shape, dtype
        if key not in self._zeros:
            self._zeros[key] = np.zeros(shape, _STORED[dtype])
        return self._zeros[key]
