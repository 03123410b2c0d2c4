"""A trained HR-CNN made wider without changing what it does, so that a wide network goes on where a narrow one was.

After Chen et al., “Net2Net: Accelerating Learning via Knowledge Transfer” (ICLR 2016, arXiv 1511.05641): every filter
is copied, and what copies hand on is shared out between them. The shares are drawn at random, differently for each
receiver, so that copies learn different things from then on.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from CTDenoiseLib.networks.hrcnn import HRCNN, ConvolutionBlock

_SMALLEST_SHARE = 0.2


def widened(network: HRCNN, width: int, *, seed: int) -> HRCNN:
    """A copy with more filters that gives the same output.

    Args:
        network: Trained.
        width: Filters at the finest level, a multiple of the network's own.
        seed: Of the shares.

    Raises:
        ValueError: The width is no multiple.
    """
    configuration = dict(network.configuration)
    times, rest = divmod(width, configuration["width"])
    if rest or times < 1:
        raise ValueError(f"width {width} must be a multiple of {configuration['width']}, the width of the network")
    wide = HRCNN(**configuration | {"width": width})
    _Widening(times, np.random.default_rng(seed)).fill(wide, network)
    return wide.train(network.training)


class _Widening:
    """Fills a wide network layer by layer; copies of a filter lie a whole narrow layer apart."""

    def __init__(self, times: int, rng: np.random.Generator) -> None:
        self._times = times
        self._rng = rng

    @torch.no_grad()
    def fill(self, wide: HRCNN, narrow: HRCNN) -> None:
        for level, (new, old) in enumerate(zip(wide.down, narrow.down, strict=True)):
            self._block(new, old, [_first(old).in_channels], copied=level > 0)
        for new, old in zip(wide.up_convolutions, narrow.up_convolutions, strict=True):
            self._up_convolution(new, old)
        for new, old in zip(wide.up, narrow.up, strict=True):
            # A skip and what comes from below, one after the other.
            half = _first(old).in_channels // 2
            self._block(new, old, [half, half])
        assert narrow.noise.bias is not None
        senders = self._copies([narrow.noise.in_channels])
        shares = self._shares(1, senders)[:, :, None, None]
        _copy(wide.noise, weight=narrow.noise.weight[:, senders] * shares, bias=narrow.noise.bias)

    def _up_convolution(self, new: nn.Module, old: nn.Module) -> None:
        assert isinstance(old, nn.ConvTranspose2d)
        senders, receivers = self._copies([old.in_channels]), self._copies([old.out_channels])
        shares = self._shares(len(receivers), senders).T[:, :, None, None]
        assert old.bias is not None
        _copy(new, weight=old.weight[senders][:, receivers] * shares, bias=old.bias[receivers])

    def _block(self, new: nn.Module, old: nn.Module, inputs: list[int], *, copied: bool = True) -> None:
        assert isinstance(new, ConvolutionBlock)
        assert isinstance(old, ConvolutionBlock)
        senders = self._copies(inputs) if copied else np.arange(sum(inputs))
        for into, layer in zip(new, old, strict=True):
            if isinstance(layer, nn.Conv2d):
                receivers = self._copies([layer.out_channels])
                shares = self._shares(len(receivers), senders)[:, :, None, None]
                _copy(into, weight=layer.weight[receivers][:, senders] * shares)
                senders = receivers
            elif isinstance(layer, nn.BatchNorm2d):
                own = layer.state_dict()
                _copy(into, **{name: tensor[senders] if tensor.ndim else tensor for name, tensor in own.items()})

    def _copies(self, groups: list[int]) -> NDArray[np.intp]:
        """Which narrow filter each wide one is a copy of, for groups of filters that follow each other."""
        starts = np.cumsum([0, *groups[:-1]])
        return np.concatenate(
            [np.tile(start + np.arange(count), self._times) for start, count in zip(starts, groups, strict=True)]
        )

    def _shares(self, receivers: int, senders: NDArray[np.intp]) -> Tensor:
        """What each copy hands on to each receiver: over the copies of one filter they add up to 1."""
        drawn = self._rng.uniform(_SMALLEST_SHARE, 1, (receivers, len(senders)))
        sums = np.zeros((receivers, int(senders.max()) + 1))
        np.add.at(sums.T, senders, drawn.T)
        return torch.from_numpy((drawn / sums[:, senders]).astype(np.float32))


def _copy(layer: nn.Module, **tensors: Tensor) -> None:
    own = layer.state_dict()
    for name, tensor in tensors.items():
        own[name].copy_(tensor)


def _first(block: nn.Module) -> nn.Conv2d:
    assert isinstance(block, ConvolutionBlock)
    convolution = block[0]
    assert isinstance(convolution, nn.Conv2d)
    return convolution
