"""The plain network of Huber et al. (Radiol Artif Intell 2020;2:e200036, doi 10.1148/ryai.2020200036)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

from torch import Tensor, nn

from .base import DenoisingNetwork, register

_LAYERS = 5


@register
class PlainCNN(DenoisingNetwork):
    """Five convolutions with ReLU and no pooling, so that any size goes in and no resolution is lost.

    The paper leaves the number of filters and the kernel size to its notebook; this class chooses 64 filters of 3×3.
    It also chooses borders padded with zeros, so that the size is kept; the noise as output, where the paper predicts
    the image; no ReLU after the last convolution, since noise has both signs; and one section as input, more if asked
    for.

    Args:
        context: Adjacent sections on each side.
        filters: Of each convolution but the last.
        kernel_size: Odd number of rows and columns of the kernels.

    Raises:
        ValueError: A negative context, less than one filter, or a kernel size that is not odd and positive.
    """

    name: ClassVar[str] = "plain-cnn"

    def __init__(self, *, context: int = 0, filters: int = 64, kernel_size: int = 3) -> None:
        super().__init__()
        if context < 0 or filters < 1:
            raise ValueError(f"context {context} and filters {filters} must be at least 0 and 1")
        if kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(f"kernel_size {kernel_size} must be odd and positive")
        self.configuration: Mapping[str, Any] = {"context": context, "filters": filters, "kernel_size": kernel_size}
        self.context = context
        self.stride = 1
        margin = kernel_size // 2
        self.receptive_radius = _LAYERS * margin
        channels = [2 * context + 1, *[filters] * (_LAYERS - 1), 1]
        layers: list[nn.Module] = []
        for before, after in pairwise(channels):
            layers += [nn.Conv2d(before, after, kernel_size, padding=margin), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, sections: Tensor) -> Tensor:
        """Predict the scaled noise of the centre section, shape (n, 1, y, x)."""
        noise: Tensor = self.layers(sections)
        return noise
