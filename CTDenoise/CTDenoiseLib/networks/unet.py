"""The U-Net of Zhang et al. (Quant Imaging Med Surg 2024;14:640–652, doi 10.21037/qims-23-768)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

from torch import Tensor, nn

from .base import DenoisingNetwork, register
from .encoder_decoder import encode_decode
from .receptive_field import receptive_radius

# Convolutions of each contracting level, and filters in multiples of the width, finest level first.
_CONVOLUTIONS = (3, 2, 2, 2, 2)
_MULTIPLES = (1, 2, 4, 8, 16)
_SLOPE = 0.2


@register
class UNet(DenoisingNetwork):
    """U-Net of 24 convolutional layers.

    From the paper: 11 contracting layers of 3×3 with 32, 32, 32, 64, 64, 128, 128, 256, 256, 512 and 512 filters and
    2×2 max-poolings between the levels; 13 expansive layers with 256, 256, 256, 128, 128, 128, 64, 64, 64, 32, 32, 32
    and 1 filters, all 3×3 but the last, which is 1×1; 3×3 deconvolutions of stride 2; leaky ReLU; concatenation of
    layers of the same image size.

    The paper leaves open, and this class chooses:

    - The deconvolutions are counted among the 24 layers: each of the four expansive levels is one deconvolution and
      two convolutions. Ronneberger et al., whose U-Net it is, count so, too (10 contracting and 13 expansive layers,
      23 in all).
    - Leaky ReLU follows every layer but the last, also the deconvolutions, with the slope 0.2 of `tf.nn.leaky_relu`
      (the authors used TensorFlow). There is no normalisation.
    - Borders are padded with zeros, so that the size is kept.
    - The output is the noise, where the paper speaks of the predicted image: only with the noise is the strength free.
    - The input is one section, as in the paper, or more if asked for.

    Args:
        context: Adjacent sections on each side.
        width: Filters at the finest level; each coarser level has twice as many.

    Raises:
        ValueError: A negative context, or less than one filter.
    """

    name: ClassVar[str] = "unet"

    def __init__(self, *, context: int = 0, width: int = 32) -> None:
        super().__init__()
        if context < 0 or width < 1:
            raise ValueError(f"context {context} and width {width} must be at least 0 and 1")
        self.configuration: Mapping[str, Any] = {"context": context, "width": width}
        self.context = context
        self.stride = 2 ** (len(_MULTIPLES) - 1)
        finer = range(len(_MULTIPLES) - 1)
        self.receptive_radius = receptive_radius(down=_CONVOLUTIONS, up=[2] * len(finer), up_convolution=3)
        channels = [width * multiple for multiple in _MULTIPLES]
        inputs = [2 * context + 1, *channels]
        self.down = nn.ModuleList(
            _convolutions([inputs[level], *[channels[level]] * _CONVOLUTIONS[level]]) for level in range(len(channels))
        )
        self.pool = nn.MaxPool2d(2)
        self.deconvolutions = nn.ModuleList(_deconvolution(channels[level + 1], channels[level]) for level in finer)
        self.up = nn.ModuleList(
            _convolutions([2 * channels[level], channels[level], channels[level]]) for level in finer
        )
        self.noise = nn.Conv2d(width, 1, kernel_size=1)

    def forward(self, sections: Tensor) -> Tensor:
        """Predict the scaled noise of the centre section, shape (n, 1, y, x)."""
        features = encode_decode(sections, down=self.down, pool=self.pool, up_sampling=self.deconvolutions, up=self.up)
        noise: Tensor = self.noise(features)
        return noise


def _convolutions(channels: Sequence[int]) -> nn.Sequential:
    """3×3 convolutions from each number of channels to the next, each followed by leaky ReLU."""
    block = nn.Sequential()
    for before, after in pairwise(channels):
        block.append(nn.Conv2d(before, after, kernel_size=3, padding=1))
        block.append(nn.LeakyReLU(_SLOPE, inplace=True))
    return block


def _deconvolution(before: int, after: int) -> nn.Sequential:
    """A 3×3 deconvolution that doubles both sides, followed by leaky ReLU."""
    return nn.Sequential(
        nn.ConvTranspose2d(before, after, kernel_size=3, stride=2, padding=1, output_padding=1),
        nn.LeakyReLU(_SLOPE, inplace=True),
    )
