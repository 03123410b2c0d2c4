"""The way of sections through an encoder-decoder: down its levels, and up again past the skips."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def encode_decode(
    sections: Tensor, *, down: nn.ModuleList, pool: nn.Module, up_sampling: nn.ModuleList, up: nn.ModuleList
) -> Tensor:
    """Features of the finest level after the expansive branch.

    Args:
        sections: Input, shape (n, channels, y, x).
        down: Block of each contracting level, finest first.
        pool: Between the contracting levels.
        up_sampling: From each level but the finest to the finer one, finest first.
        up: Block of each expansive level, finest first; it gets the features of the skip and those from below.
    """
    skips: list[Tensor] = []
    current = sections
    for level, block in enumerate(down):
        current = block(current if level == 0 else pool(current))
        skips.append(current)
    for level in reversed(range(len(up))):
        current = up[level](torch.cat([skips[level], up_sampling[level](current)], dim=1))
    return current
