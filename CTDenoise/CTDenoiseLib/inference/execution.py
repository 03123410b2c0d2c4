"""How a network is computed on a device: as PyTorch does it layer by layer, or in a way made for the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from torch import Tensor
from torch.nn.utils import convert_conv2d_weight_memory_format

from ..networks import DenoisingNetwork
from .backend import Backend
from .fold import fold_batch_norm
from .interrupt import interruptible
from .lower import lower_precision
from .memory import bytes_per_pixel


class Execution(Protocol):
    """A network ready on a device.

    Attributes:
        stride: Rows and columns of what it is given must be multiples of this.
        receptive_radius: An output pixel depends on no input pixel further away than this, in rows or columns.
        bytes_per_pixel: Estimated peak memory for each pixel of the sections at once, without the weights.
        description: In words for the record of a run, such as “layer by layer”.
    """

    stride: int
    receptive_radius: int
    bytes_per_pixel: float
    description: str

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
    """

    description = "layer by layer"

    def __init__(self, network: DenoisingNetwork) -> None:
        self._network = network
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
    lowered = lower_precision(fold_batch_norm(network), backend.dtype).to(backend.device)
    return LayerByLayer(convert_conv2d_weight_memory_format(lowered, backend.memory_format))
