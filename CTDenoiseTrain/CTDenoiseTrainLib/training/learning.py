"""Which parameters of a network learn in a training."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn


def let_learn(network: nn.Module, learning: Iterable[nn.Parameter] | None) -> dict[str, nn.Parameter]:
    """Switch a network to training, all of it or in part.

    Batch norm none of whose parameters learns stays in evaluation mode: its statistics belong to the layers before it,
    which stay as they are.

    Args:
        network: Changed in place.
        learning: Parameters that learn; `None` for all.

    Returns:
        Those parameters by name.
    """
    chosen = {id(parameter) for parameter in (network.parameters() if learning is None else learning)}
    for parameter in network.parameters():
        parameter.requires_grad_(id(parameter) in chosen)
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d) and not chosen & {id(parameter) for parameter in module.parameters()}:
            module.eval()
    return {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}
