"""The layers of a network, each computed strip by strip from features in memory to features in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, pad

from . import kernels, winograd
from .features import Features, Scratch, as_image, features_of_image
from .program import GIVEN, IDENTITY, Activation, Layer, UnknownLayerError

Shape = tuple[int, int, int]

# With fewer channels the transforms take longer than the multiplications that they save.
_LEAST_CHANNELS = 32


class Step(Protocol):
    """One layer.

    Attributes:
        rows_together: Strips are multiples of so many rows.
        by_source: Whether the rows of a strip are those of the source, not of the target.
    """

    rows_together: int
    by_source: bool

    def shape(self, source: Shape) -> Shape:
        """Rows, columns and channels that it makes of those of its first source."""

    def run(self, sources: Sequence[Features], target: Features, rows: range, scratch: Scratch) -> None:
        """Compute a strip."""


def steps_of(layers: Sequence[Layer], dtype: torch.dtype) -> list[Step]:
    """The steps that compute the layers of a network in a type; the last one writes float32."""
    return [*(_step_of(layer, dtype) for layer in layers[:-1]), _last_step_of(layers[-1], dtype)]


def _step_of(layer: Layer, dtype: torch.dtype) -> Step:
    module, activation = layer.module, layer.activation
    if isinstance(module, nn.MaxPool2d):
        return Pooling()
    if isinstance(module, nn.ConvTranspose2d):
        kind = UpConvolution if module.kernel_size == (2, 2) else Deconvolution
        return kind(module, activation, dtype)
    if GIVEN not in layer.sources and module.kernel_size == (3, 3) and module.in_channels >= _LEAST_CHANNELS:
        return WinogradConvolution(module, activation, dtype)
    return Convolution(_weight_for(layer, module, dtype), module.bias, activation, dtype)


def _last_step_of(layer: Layer, dtype: torch.dtype) -> Step:
    module = layer.module
    if not isinstance(module, nn.Conv2d) or module.out_channels != 1:
        raise UnknownLayerError("the last layer makes something else than noise")
    weight = _weight_for(layer, module, dtype)
    if module.kernel_size == (1, 1) and len(layer.sources) == 1 and layer.activation == IDENTITY:
        return Projection(weight, module.bias)
    return Convolution(weight, module.bias, layer.activation, dtype)


def _weight_for(layer: Layer, convolution: nn.Conv2d, dtype: torch.dtype) -> Tensor:
    """Kernels; twice where they work on the input, which lies there in two parts (see `kernels.split`)."""
    twice = GIVEN in layer.sources and dtype != torch.float32
    return torch.cat([convolution.weight] * (2 if twice else 1), dim=1).detach()


def _weights(weight: Tensor, dtype: torch.dtype) -> Tensor:
    return weight.detach().to(dtype).contiguous(memory_format=torch.channels_last)


def _bias(bias: Tensor | None, dtype: torch.dtype) -> Tensor | None:
    return None if bias is None else bias.detach().to(dtype)


class _Activated:
    def __init__(self, activation: Activation) -> None:
        self._activation = np.float32(activation.exponential), np.float32(activation.slope)

    def _put(self, result: Features, target: Features, first: int, step: int = 1) -> None:
        kernels.activate(result.array, target.array, first, step, self._activation)


class WinogradConvolution(_Activated):
    """A 3 × 3 convolution with half the multiplications, see `winograd`."""

    rows_together = winograd.ROWS
    by_source = False

    def __init__(self, convolution: nn.Conv2d, activation: Activation, dtype: torch.dtype) -> None:
        super().__init__(activation)
        self._channels, self._filters, self._dtype = convolution.in_channels, convolution.out_channels, dtype
        self._factors = winograd.transform_kernel(convolution.weight.detach(), dtype)
        self._biases = [
            _bias(convolution.bias, dtype) if factor == winograd.BIAS_FACTOR else None
            for factor in range(winograd.FACTORS)
        ]

    def shape(self, source: Shape) -> Shape:
        """See `Step`."""
        return source[0], source[1], self._filters

    def run(self, sources: Sequence[Features], target: Features, rows: range, scratch: Scratch) -> None:
        """See `Step`."""
        tiles, width = -(-len(rows) // winograd.ROWS), target.tensor.shape[1]
        given = scratch.features("given", (winograd.FACTORS, tiles, width, self._channels), self._dtype)
        channel = 0
        for source in sources:
            channels = source.tensor.shape[2]
            zeros = scratch.zeros((width, channels), self._dtype)
            kernels.transform_input(source.array, rows.start, given.array, channel, zeros)
            channel += channels
        products = tuple(
            features_of_image(conv2d(as_image(factor), weight, bias, padding=(0, 1))).array
            for factor, weight, bias in zip(given.tensor, self._factors, self._biases, strict=True)
        )
        spare = scratch.features("spare", (winograd.ROWS - 1, width, self._filters), self._dtype)
        kernels.transform_output(products, target.array, rows.start, spare.array, self._activation)


class Convolution(_Activated):
    """A convolution of any odd size as oneDNN computes it."""

    rows_together = 1
    by_source = False

    def __init__(self, weight: Tensor, bias: Tensor | None, activation: Activation, dtype: torch.dtype) -> None:
        super().__init__(activation)
        self._weight, self._bias = _weights(weight, dtype), _bias(bias, dtype)

    def shape(self, source: Shape) -> Shape:
        """See `Step`."""
        return source[0], source[1], self._weight.shape[0]

    def run(self, sources: Sequence[Features], target: Features, rows: range, scratch: Scratch) -> None:
        """See `Step`."""
        margin_y, margin_x = (side // 2 for side in self._weight.shape[2:])
        height = sources[0].tensor.shape[0]
        first, last = max(0, rows.start - margin_y), min(height, rows.stop + margin_y)
        images = [source.image(first, last) for source in sources]
        image = images[0] if len(images) == 1 else torch.cat(images, dim=1)
        above, below = margin_y - (rows.start - first), margin_y - (last - rows.stop)
        if above or below:
            image = pad(image, (0, 0, above, below))
        result = conv2d(image, self._weight, self._bias, padding=(0, margin_x))
        self._put(features_of_image(result), target, rows.start)


class Projection:
    """The last convolution, 1 × 1 to one channel: a weighted sum in float32, not rounded to bf16 at the end."""

    rows_together = 1
    by_source = False

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self._weights = np.append(weight.float().numpy(), np.float32(0.0 if bias is None else bias.item()))

    def shape(self, source: Shape) -> Shape:
        """See `Step`."""
        return source[0], source[1], 1

    def run(self, sources: Sequence[Features], target: Features, rows: range, scratch: Scratch) -> None:
        """See `Step`."""
        kernels.project(sources[0].array, self._weights, target.array, rows.start, rows.stop)


class _Doubling(_Activated):
    """A transposed convolution of stride 2."""

    rows_together = 1
    by_source = True

    def __init__(self, convolution: nn.ConvTranspose2d, activation: Activation) -> None:
        super().__init__(activation)
        self._filters = convolution.out_channels

    def shape(self, source: Shape) -> Shape:
        """See `Step`."""
        return 2 * source[0], 2 * source[1], self._filters


class UpConvolution(_Doubling):
    """A 2 × 2 transposed convolution of stride 2: for each of two rows a 1 × 1 convolution to two pixels at once."""

    def __init__(self, convolution: nn.ConvTranspose2d, activation: Activation, dtype: torch.dtype) -> None:
        super().__init__(convolution, activation)
        # From (channels, filters, y, x) to one kernel (x and filters, channels, 1, 1) for each y.
        by_row = convolution.weight.detach().permute(2, 3, 1, 0).flatten(1, 2)
        self._kernels = [_weights(kernel[:, :, None, None], dtype) for kernel in by_row]
        self._bias = None if convolution.bias is None else _bias(convolution.bias.repeat(2), dtype)

    def run(self, sources: Sequence[Features], target: Features, rows: range, scratch: Scratch) -> None:
        """See `Step`."""
        image = sources[0].image(rows.start, rows.stop)
        for row, kernel in enumerate(self._kernels):
            result = conv2d(image, kernel, self._bias)
            self._put(features_of_image(result), target, 2 * rows.start + row, step=2)


class Deconvolution(_Doubling):
    """A 3 × 3 transposed convolution of stride 2, as oneDNN computes it."""

    def __init__(self, convolution: nn.ConvTranspose2d, activation: Activation, dtype: torch.dtype) -> None:
        super().__init__(convolution, activation)
        self._weight, self._bias = _weights(convolution.weight, dtype), _bias(convolution.bias, dtype)

    def run(self, sources: Sequence[Features], target: Features, rows: range, scratch: Scratch) -> None:
        """See `Step`."""
        # The last row that a strip makes depends on the row below it, too.
        image = sources[0].image(rows.start, min(rows.stop + 1, sources[0].tensor.shape[0]))
        result = conv_transpose2d(image, self._weight, self._bias, stride=2, padding=1, output_padding=1)
        self._put(features_of_image(result[:, :, : 2 * len(rows)]), target, 2 * rows.start)


class Pooling:
    """Greatest of 2 × 2 pixels."""

    rows_together = 1
    by_source = False

    def shape(self, source: Shape) -> Shape:
        """See `Step`."""
        return source[0] // 2, source[1] // 2, source[2]

    def run(self, sources: Sequence[Features], target: Features, rows: range, scratch: Scratch) -> None:
        """See `Step`."""
        kernels.pool(sources[0].array, target.array, rows.start, rows.stop)
