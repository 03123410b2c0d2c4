"""How a network is computed on a device: as PyTorch does it layer by layer, or in a way made for the device."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.utils import convert_conv2d_weight_memory_format

from ..networks import DenoisingNetwork
from .backend import Backend
from .fold import fold_batch_norm
from .graphics.execution import recorded_network
from .interrupt import interruptible
from .lower import lower_precision
from .memory import bytes_per_pixel

_log = logging.getLogger(__name__)


class Execution(Protocol):
    """A network ready on a device.

    Attributes:
        stride: Rows and columns of what it is given must be multiples of this.
        receptive_radius: An output pixel depends on no input pixel further away than this, in rows or columns.
        bytes_per_pixel: Estimated peak memory for each pixel of the sections at once, without the weights.
        description: In words for the record of a run, such as “layer by layer”.
        notes: Sentences for the user: what could not be done as it should be.
    """

    stride: int
    receptive_radius: int
    bytes_per_pixel: float
    description: str
    notes: tuple[str, ...]

    def noise(self, windows: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        """Scaled noise of the centre sections, float32, shape (n, y, x), on the device.

        Args:
            windows: Float32 on the device, shape (n, 2 · context + 1, y, x), in the backend's memory format. The result
                is the caller's; what it was computed from may be written over when this returns.
            check: Called between parts of the work; what it raises ends it.
        """


class LayerByLayer:
    """A network as PyTorch computes it: for every device and every network.

    Args:
        network: Batch norm folded, on the backend's device and in its precision.
        notes: See `Execution`.
    """

    description = "layer by layer"

    def __init__(self, network: DenoisingNetwork, notes: tuple[str, ...] = ()) -> None:
        self._network = network
        self.notes = notes
        self.stride = network.stride
        self.receptive_radius = network.receptive_radius
        self.bytes_per_pixel = bytes_per_pixel(network)

    def noise(self, windows: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        """See `Execution`."""
        with interruptible(self._network, check):
            noise: Tensor = self._network(windows)
        return noise[:, 0].float()


def execution_of(network: DenoisingNetwork, backend: Backend) -> Execution:
    """The way to compute a network that suits a backend best.

    Args:
        network: As trained; it is copied, not changed.
        backend: Device and precision.
    """
    folded, notes = fold_batch_norm(network), []
    if _suits_strips(backend):
        try:
            return _strip_by_strip(folded, backend)
        except _UnfitError as error:
            notes.append(f"The quick way to compute on the processor cannot be taken: {error}.")
            _log.warning(notes[-1])
    lowered = lower_precision(folded, backend.dtype).to(backend.device)
    # In float32 a graphics processor works longer at a layer than it takes to start it, and may be stopped between two.
    if backend.device.startswith("cuda") and backend.precision != "fp32":
        return recorded_network(lowered, backend)
    return LayerByLayer(convert_conv2d_weight_memory_format(lowered, backend.memory_format), tuple(notes))


def _suits_strips(backend: Backend) -> bool:
    # Without oneDNN, as on the processors of Apple, PyTorch has no convolutions that make good use of one thread.
    has_library = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return backend.device == "cpu" and backend.precision in {"fp32", "bf16"} and bool(has_library)


class _UnfitError(Exception):
    """There is a better way for the device in general, but not here."""


def _strip_by_strip(network: DenoisingNetwork, backend: Backend) -> Execution:
    # Imported only now: the kernels want numba, which is of no use to other devices.
    try:
        from .processor import StripByStrip, UnknownLayerError
    except (ImportError, OSError, RuntimeError) as error:
        raise _UnfitError(f"numba cannot be loaded ({error})") from error
    try:
        return StripByStrip(network.cpu().float(), backend.dtype)
    except UnknownLayerError as error:
        raise _UnfitError(str(error)) from error
