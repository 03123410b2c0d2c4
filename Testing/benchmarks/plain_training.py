"""The plain way to train a denoiser, as tutorials of MONAI have it, to be compared with.

Both volumes in memory, MONAI's random crops of them, a `DataLoader`, and a loop in float32 without compilation.
Network, batch, optimiser, learning rates and augmentations are those of the project.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from monai.data import DataLoader, Dataset
from monai.transforms import Compose, RandFlipd, RandRotate90d, RandScaleIntensityd, RandSpatialCropd
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import mse_loss
from torch.optim import Adam
from torch.optim.lr_scheduler import LambdaLR

from CTDenoiseLib.networks import DenoisingNetwork
from CTDenoiseTrainLib.recipe.content import PatchOptions

ANATOMY, NOISE = "anatomy", "noise"


@dataclass(frozen=True, kw_only=True)
class PlainTraining:
    """A training in the plain way.

    Attributes:
        anatomy: Sections with little noise in HU, shape (z, y, x).
        noise: Noise map in HU, same shape.
        patches: Side of the patches and how they are augmented.
        batch: Patches a step.
        scale_hu: HU that make 1 in the network.
        highest_rate: Learning rate.
        device: As PyTorch calls it.
        workers: Processes of the `DataLoader`.
    """

    anatomy: NDArray[np.float32]
    noise: NDArray[np.float32]
    patches: PatchOptions
    batch: int
    scale_hu: float
    highest_rate: float
    device: str
    workers: int

    def run(self, network: DenoisingNetwork, *, samples: int, seed: int, rate: Callable[[int], float]) -> float:
        """Train, and tell for how many seconds the network waited for batches.

        Args:
            network: Trained in place.
            samples: Patches in all, a multiple of the batch.
            seed: Of the crops.
            rate: Factor of the learning rate at a step, from 0.
        """
        centre = slice(network.context, network.context + 1)
        network.train().to(self.device)
        optimiser = Adam(network.parameters(), lr=self.highest_rate)
        schedule = LambdaLR(optimiser, rate)
        waited, asked = 0.0, time.perf_counter()
        for pair in self._loader(2 * network.context + 1, samples, seed):
            waited += time.perf_counter() - asked
            anatomy, noise = (pair[name].to(self.device) for name in (ANATOMY, NOISE))
            predicted: Tensor = network((anatomy + noise) / self.scale_hu)
            loss = mse_loss(predicted, noise[:, centre] / self.scale_hu)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            loss.item()
            asked = time.perf_counter()
        return waited

    def _loader(self, sections: int, samples: int, seed: int) -> DataLoader:
        """Batches of crops without the axis of channels: adjacent sections are the channels."""
        size = (sections, self.patches.side, self.patches.side)
        weakest, strongest = self.patches.noise_scale
        each_for_itself = [
            transform
            for name in (ANATOMY, NOISE)
            for transform in (
                RandSpatialCropd(name, size, random_size=False),
                RandFlipd(name, prob=0.5, spatial_axis=1),
                RandRotate90d(name, prob=0.75, spatial_axes=(1, 2)),
            )
        ]
        # Adds a factor to 1, so that these are the ends of the range of the noise.
        scale = RandScaleIntensityd(NOISE, factors=(weakest - 1, strongest - 1), prob=1.0)
        crop = Compose([*each_for_itself, scale, _without_channels])
        crop.set_random_state(seed)
        volumes = {ANATOMY: torch.from_numpy(self.anatomy[None]), NOISE: torch.from_numpy(self.noise[None])}
        return DataLoader(Dataset([volumes] * samples, transform=crop), batch_size=self.batch, num_workers=self.workers)


def _without_channels(pair: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: pair[name][0] for name in (ANATOMY, NOISE)}
