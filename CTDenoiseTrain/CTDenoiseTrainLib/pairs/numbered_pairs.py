"""Pairs one by one, as data sets and loaders of MONAI and PyTorch want them.

Training itself takes batches from the source. This is for those who want the same pairs in a pipeline of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from .batch import BatchSource


@dataclass(frozen=True)
class NumberedPairs:
    """A data set of the pairs 0 to `count` − 1 of a source, each a dictionary.

    Entries are "sections" in HU, shape (2 · context + 1, side, side), "noise" in HU, shape (1, side, side), and
    "noise_hu", a number: what `Batch` holds of one pair.

    Attributes:
        source: Draws the pairs.
        count: How many there are.

    Example:
        >>> pairs = NumberedPairs(source, 1600)
        >>> data = monai.data.Dataset(pairs, transform=RandGaussianSharpend("sections"))
        >>> loader = monai.data.DataLoader(data, batch_size=16, num_workers=2)
    """

    source: BatchSource
    count: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        if not -self.count <= index < self.count:
            raise IndexError(f"There are {self.count} pairs; {index} is none of them.")
        batch = self.source.draw([index % self.count])
        return {"sections": batch.sections[0], "noise": batch.noise[0], "noise_hu": batch.noise_hu[0]}
