"""HR-CNN: the modified residual U-Net of Madhavan et al. (AJNR 2024;45:96–99, doi 10.3174/ajnr.A8097)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor, nn

from .base import DenoisingNetwork, register
from .encoder_decoder import encode_decode
from .receptive_field import receptive_radius


class ConvolutionBlock(nn.Sequential):
    """Two 3×3 convolutions, each followed by batch norm and ELU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ELU(inplace=True),
            nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ELU(inplace=True),
        )


@register
class HRCNN(DenoisingNetwork):
    """Modified 6-layer residual U-Net for ultra-high-resolution CT.

    From the paper: 6 levels joined by 5 max-poolings and 5 up-convolutions, 64 filters and 64 more at each level (64,
    128, …, 384), batch normalisation, exponential linear units, 7 adjacent sections as input channels.

    The paper leaves open, and this class chooses: two 3×3 convolutions at each level on both sides (as in the
    original U-Net); 2×2 up-convolutions of stride 2 to the number of filters of the finer level; skips joined by
    concatenation; a final 1×1 convolution to the noise; and “residual” read as in residual learning, the output is
    the noise of the centre section to be subtracted. With the defaults this gives 13.2 million parameters and 1.04
    TFLOP for a section of 1024².

    Args:
        context: Adjacent sections on each side; 3 gives the paper's 7 channels.
        width: Filters at the finest level, and how many more at each coarser one.
        levels: Resolution levels, one more than there are poolings; at most 10, where a section of 512² is one pixel.

    Raises:
        ValueError: A negative context, less than one filter, or less than one or more than ten levels.
    """

    name: ClassVar[str] = "hrcnn"

    def __init__(self, *, context: int = 3, width: int = 64, levels: int = 6) -> None:
        super().__init__()
        if context < 0 or width < 1:
            raise ValueError(f"context {context} and width {width} must be at least 0 and 1")
        if not 1 <= levels <= 10:
            raise ValueError(f"levels {levels} must lie between 1 and 10")
        self.configuration: Mapping[str, Any] = {"context": context, "width": width, "levels": levels}
        self.context = context
        self.stride = 2 ** (levels - 1)
        self.receptive_radius = receptive_radius(down=[2] * levels, up=[2] * (levels - 1), up_convolution=2)
        channels = [width * (level + 1) for level in range(levels)]
        inputs = [2 * context + 1, *channels]
        self.down = nn.ModuleList(ConvolutionBlock(inputs[level], channels[level]) for level in range(levels))
        self.pool = nn.MaxPool2d(2)
        finer = range(levels - 1)
        self.up_convolutions = nn.ModuleList(
            nn.ConvTranspose2d(channels[level + 1], channels[level], kernel_size=2, stride=2) for level in finer
        )
        self.up = nn.ModuleList(ConvolutionBlock(2 * channels[level], channels[level]) for level in finer)
        self.noise = nn.Conv2d(width, 1, kernel_size=1)

    def forward(self, sections: Tensor) -> Tensor:
        """Predict the scaled noise of the centre section, shape (n, 1, y, x)."""
        features = encode_decode(sections, down=self.down, pool=self.pool, up_sampling=self.up_convolutions, up=self.up)
        noise: Tensor = self.noise(features)
        return noise
