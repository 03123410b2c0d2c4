"""A network on the processor: strip by strip in its caches, with Winograd's convolutions and memory that stays."""

from __future__ import annotations

import threading
from collections.abc import Callable

import torch
from torch import Tensor

from ...networks import DenoisingNetwork
from ..padding import padded_size
from .crew import crew_of
from .features import Features, Memory, Scratch
from .plan import Plan, make_plan
from .program import layers_of
from .section_pass import SectionPass
from .steps import Shape, steps_of


class StripByStrip:
    """See `Execution`. The memory of a section stays from one to the next, and from run to run.

    Args:
        network: In float32, batch norm folded, on the processor; it is not kept.
        dtype: float32 or bfloat16.

    Raises:
        UnknownLayerError: The network has layers that only PyTorch itself can compute.
    """

    description = "strip by strip, with Winograd convolutions"
    notes: tuple[str, ...] = ()

    def __init__(self, network: DenoisingNetwork, dtype: torch.dtype) -> None:
        self.stride = network.stride
        self.receptive_radius = network.receptive_radius
        self._sections = 2 * network.context + 1
        self._dtype = dtype
        self._layers = layers_of(network)
        self._steps = steps_of(self._layers, dtype)
        self._passes: dict[Shape, SectionPass] = {}
        self._memory, self._scratch, self._lock = Memory(), Scratch(), threading.Lock()
        side = padded_size(512, multiple=network.stride)
        # Besides the features a pixel takes the numbers of its window and its noise.
        self.bytes_per_pixel = self._plan((side, side, self._sections)).size / side**2 + 4 * (self._sections + 1)

    def noise(self, windows: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        """See `Execution`."""
        count, sections, rows, columns = windows.shape
        noise = torch.empty((count, rows, columns, 1), dtype=torch.float32)
        with self._lock:
            section_pass = self._pass((rows, columns, sections))
            for window, result in zip(windows, noise, strict=True):
                section_pass.compute(Features.of(window.permute(1, 2, 0)), Features.of(result), check)
        return noise[..., 0]

    def _pass(self, given: Shape) -> SectionPass:
        crew = crew_of(torch.get_num_threads())
        known = self._passes.get(given)
        if known is None or known.crew is not crew:
            plan = self._plan(given)
            if self._memory.size < plan.size:
                # They hold the old memory, which must go before the new one comes.
                self._passes.clear()
                known = None
                self._memory.reserve(plan.size)
            known = self._passes[given] = SectionPass(
                self._layers,
                self._steps,
                plan,
                memory=self._memory,
                scratch=self._scratch,
                crew=crew,
                dtype=self._dtype,
            )
        return known

    def _plan(self, given: Shape) -> Plan:
        return make_plan(self._layers, self._steps, given, dtype=self._dtype, threads=torch.get_num_threads())
