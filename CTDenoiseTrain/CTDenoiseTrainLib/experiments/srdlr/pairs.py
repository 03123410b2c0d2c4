"""Pairs for both networks: the same patches of the same inputs, with targets of the same or of higher sharpness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from ...pairs.batch import Batch
from ...pairs.turns import Turn
from ..workbench import Workbench
from .scanner import scan_object
from .settings import Settings
from .shapes import Floats
from .training_phantoms import training_object


@dataclass(frozen=True)
class TrainingMaterial:
    """Scans of the training phantoms in HU.

    Attributes:
        inputs: Low dose, shape (phantoms, draws, y, x).
        same: Targets of DLR, shape (phantoms, y, x).
        sharp: Targets of SR-DLR, shape (phantoms, y, x).
    """

    inputs: Floats
    same: Floats
    sharp: Floats


def training_material(bench: Workbench, settings: Settings) -> TrainingMaterial:
    """Scan all training phantoms, a block at a time; blocks that are done are found again."""
    blocks = []
    for first in range(0, settings.phantoms, settings.block):
        numbers = range(first, min(first + settings.block, settings.phantoms))
        blocks.append(bench.arrays(f"training-{first:04d}", partial(_scanned_block, bench, settings, numbers)))
    return TrainingMaterial(
        *(np.concatenate([block[name] for block in blocks]) for name in ("inputs", "same", "sharp"))
    )


def _scanned_block(bench: Workbench, settings: Settings, numbers: Sequence[int]) -> dict[str, Floats]:
    scans = []
    for number in numbers:
        rng = np.random.default_rng([settings.simulation_seed, number, 1])
        scans.append(scan_object(training_object(number, settings), settings, draws=settings.draws, targets=1, rng=rng))
        bench.watcher.count(number + 1, settings.phantoms)
    return {
        "inputs": np.stack([scan.inputs for scan in scans]),
        "same": np.stack([scan.same[0] for scan in scans]),
        "sharp": np.stack([scan.sharp[0] for scan in scans]),
    }


class PatchPairs:
    """Draws patches around places in the body; a `BatchSource`.

    What is to be subtracted from the input is input − target, also where the target is sharper: then it holds the
    blur of the edges beside the noise.
    """

    def __init__(self, inputs: Floats, targets: Floats, settings: Settings) -> None:
        """Choose the pairs.

        Args:
            inputs: Shape (phantoms, draws, y, x) in HU.
            targets: Shape (phantoms, y, x) in HU.
            settings: Of the experiment; its seed decides the patches, whatever the targets.
        """
        self._inputs, self._targets, self._settings = inputs, targets, settings

    def draw(self, numbers: Sequence[int]) -> Batch:
        """See `BatchSource`."""
        pairs = np.stack([self._pair(number) for number in numbers])
        sections, noise = pairs[:, :1], pairs[:, :1] - pairs[:, 1:]
        level = noise.std(axis=(1, 2, 3))
        return Batch(torch.from_numpy(sections), torch.from_numpy(noise), torch.from_numpy(level))

    def _pair(self, number: int) -> Floats:
        """Input and target of a number, one of eight ways round, shape (2, side, side)."""
        settings = self._settings
        rng = np.random.default_rng([settings.learning.seed, number])
        phantom, draw = rng.integers(len(self._inputs)), rng.integers(self._inputs.shape[1])
        window = (self._start(rng), self._start(rng))
        pair = np.stack([self._inputs[phantom, draw][window], self._targets[phantom][window]])
        return Turn(bool(rng.integers(2)), int(rng.integers(4))).of(pair)

    def _start(self, rng: np.random.Generator) -> slice:
        """Along rows or columns: where a patch of the square around the body begins."""
        settings = self._settings
        margin = int((settings.matrix - settings.body_mm / settings.pixel_mm) / 2)
        start = int(rng.integers(margin, settings.matrix - margin - settings.learning.patch + 1))
        return slice(start, start + settings.learning.patch)
