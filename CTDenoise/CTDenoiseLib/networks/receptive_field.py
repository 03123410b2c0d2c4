"""How far the output pixel of an encoder-decoder sees."""

from __future__ import annotations

from collections.abc import Sequence


def receptive_radius(*, down: Sequence[int], up: Sequence[int], up_convolution: int) -> int:
    """Largest distance, in rows or columns, from an output pixel to an input pixel that it depends on.

    The distance depends on the place of the pixel in its cell of the coarsest level. So for every place the interval
    of pixels it depends on is followed down the expansive and up the contracting branch. The way through the coarsest
    level is the widest; the skips lie inside it.

    Args:
        down: Pixels that the convolutions of each contracting level reach to each side, finest level first.
        up: The same for the expansive levels, one fewer.
        up_convolution: Kernel size of the up-convolutions of stride 2. With 2, a pixel sees the coarser pixel it lies
            in; with 3 (padding 1, output padding 1), every other one sees the next one, too.
    """
    radius = 0
    for pixel in range(2 ** len(up)):
        low = high = pixel
        for reach in up:
            low, high = (low - reach) // 2, (high + reach + up_convolution - 2) // 2
        low, high = low - down[-1], high + down[-1]
        for reach in reversed(down[:-1]):
            low, high = 2 * low - reach, 2 * high + 1 + reach
        radius = max(radius, pixel - low, high - pixel)
    return radius
