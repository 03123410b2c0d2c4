"""A network that can be stopped between two of its layers, for a single section may take it many seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


@contextmanager
def interruptible(network: nn.Module, check: Callable[[], None] | None) -> Iterator[None]:
    """Have `check` called before each layer; what it raises ends the pass.

    A graphics processor is given its layers long before it computes them. With a check, each waits for the one before,
    which costs the time of some launches.

    Args:
        network: To run inside the block.
        check: Raises to stop; `None` changes nothing.
    """
    hooks = []
    if check is not None:

        def before_layer(_: nn.Module, given: tuple[Tensor, ...]) -> None:
            _wait_for_device(given[0].device)
            check()

        leaves = (module for module in network.modules() if not any(module.children()))
        hooks = [module.register_forward_pre_hook(before_layer) for module in leaves]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _wait_for_device(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.current_stream(device).synchronize()
    elif device.type == "mps":
        torch.mps.synchronize()
