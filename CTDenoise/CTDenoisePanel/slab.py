"""The slab around the slice on screen."""

from __future__ import annotations

from collections.abc import Sequence


def slab_around(visible: Sequence[int], slices: int, *, of: int) -> tuple[int, ...]:
    """Indices of neighbouring slices, as many as asked for, centred on the one on screen as far as the volume reaches.

    Args:
        visible: Slices on screen, the one that counts first; without any, the middle of the volume counts.
        slices: How many; not more than there are.
        of: Number of slices of the volume.

    Example:
        >>> slab_around((1,), 5, of=9)
        (0, 1, 2, 3, 4)
    """
    centre = visible[0] if visible else of // 2
    first = max(0, min(centre - slices // 2, of - slices))
    return tuple(range(first, min(first + slices, of)))
