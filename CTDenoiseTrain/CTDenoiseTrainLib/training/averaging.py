"""The exponential moving average of the weights, which is what is validated and kept."""

from __future__ import annotations

import copy

import torch

from CTDenoiseLib.networks import DenoisingNetwork


class AveragedNetwork:
    """A copy of a network whose weights, and statistics of batch norm, follow those of the original smoothly.

    The decay grows with the steps, `(1 + step) / (10 + step)` until it reaches the given one, so that a short training
    is not kept at its beginning.

    Attributes:
        network: The copy, in evaluation mode.
    """

    def __init__(self, network: DenoisingNetwork, decay: float) -> None:
        """Copy a network.

        Args:
            network: The original.
            decay: Share of the average that stays at each step, 0 (no averaging) to 1 (excluded).
        """
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def update(self, network: DenoisingNetwork, step: int) -> None:
        """Follow the original after a step, counted from 0."""
        share = 1 - min(self._decay, (1 + step) / (10 + step))
        ours, theirs = self.network.state_dict(), network.state_dict()
        floating = [key for key, tensor in ours.items() if tensor.is_floating_point()]
        torch._foreach_lerp_([ours[key] for key in floating], [theirs[key] for key in floating], share)
        # How many batches the statistics have seen.
        for key in ours.keys() - set(floating):
            ours[key].copy_(theirs[key])
