"""A network and pairs that belong together: how much noise is left is known exactly."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from CTDenoiseLib.networks import DenoisingNetwork
from support.ct_series import anatomy
from support.plain_pairs import PlainPairs


class KnownDenoiser(DenoisingNetwork):
    """Finds a share of the noise of `alternating_case` in each section but the first and the last.

    It subtracts the mean of both neighbours from the centre section and takes half of the rest.

    Args:
        share: Of the noise that is found.
        offset_hu: Added to the noise, for a scale of 100 HU.
    """

    name: ClassVar[str] = "known-denoiser"

    def __init__(self, share: float, *, offset_hu: float = 0.0) -> None:
        super().__init__()
        self.configuration = {"share": share, "offset_hu": offset_hu}
        self.context, self.stride, self.receptive_radius = 1, 8, 0
        self.mix = nn.Conv2d(3, 1, kernel_size=1)
        with torch.no_grad():
            self.mix.weight[0, :, 0, 0] = share * torch.tensor([-0.25, 0.5, -0.25])
            self.mix.bias[0] = offset_hu / 100.0

    def forward(self, sections: Tensor) -> Tensor:
        """The scaled noise of the centre section."""
        noise: Tensor = self.mix(sections)
        return noise


def alternating_case(
    shape: tuple[int, int, int] = (9, 97, 90), *, noise_hu: float = 20.0, patient: str = "A", seed: int = 0
) -> PlainPairs:
    """The same anatomy in all sections, with the same white noise in each but turned from one to the next."""
    pattern = noise_hu * np.random.default_rng(seed).standard_normal(shape[1:])
    signs = (-1.0) ** np.arange(shape[0])
    noise = (signs[:, None, None] * pattern).astype(np.float32)
    return PlainPairs(anatomy(shape, noise_hu=0), noise, patient)
