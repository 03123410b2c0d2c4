"""What a run needs to know of a volume: its sections, one at a time. They need not all be there when it begins."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..volume import Acquisition


class SectionedVolume(Protocol):
    """A volume that is read section by section, such as `Volume`."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of sections, rows and columns."""

    @property
    def acquisition(self) -> Acquisition:
        """What the source says about scan and reconstruction."""

    @property
    def has_padding(self) -> bool:
        """Whether any section declares a padding value."""

    def section(self, index: int) -> NDArray[np.float32]:
        """HU of one section, shape (y, x). It may wait for it; what it raises ends `next` of a run, not the run."""

    def padding_mask(self, section: int) -> NDArray[np.bool_]:
        """Voxels of one section that hold no data, shape (y, x)."""


@runtime_checkable
class ReadyVolume(SectionedVolume, Protocol):
    """A volume whose sections may be read before their turn, such as `Volume`; others are read strictly in turn."""

    def is_there(self, index: int) -> bool:
        """Whether `section` and `padding_mask` give this section without waiting, now and later, from any thread."""
