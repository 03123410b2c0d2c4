"""What every denoising network is: a module that predicts the noise of the centre section of a window of sections."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from torch import Tensor, nn

from ..errors import CTDenoiseError


class UnknownNetworkError(CTDenoiseError):
    """No network of that name, or a configuration it does not take."""


class DenoisingNetwork(nn.Module, ABC):
    """Base of the networks.

    The input has shape (n, 2 · context + 1, y, x): adjacent sections as channels, scaled as the model card says. The
    output has shape (n, 1, y, x): the predicted noise of the centre section in the same scale. Both sides must be
    multiples of `stride`.

    Attributes:
        name: Name in the registry and in model cards.
        configuration: The keyword arguments that build this network again.
        context: Adjacent sections on each side of the one denoised.
        stride: Both sides of the input must be a multiple of this.
        receptive_radius: An output pixel depends on no input pixel further away than this, in rows or columns.
    """

    name: ClassVar[str]
    configuration: Mapping[str, Any]
    context: int
    stride: int
    receptive_radius: int

    @abstractmethod
    def forward(self, sections: Tensor) -> Tensor:
        """Predict the scaled noise of the centre section."""


_registry: dict[str, Callable[..., DenoisingNetwork]] = {}


def register(network: type[DenoisingNetwork]) -> type[DenoisingNetwork]:
    """Make a network class known by its `name`."""
    _registry[network.name] = network
    return network


def names() -> tuple[str, ...]:
    """Names of all networks."""
    return tuple(sorted(_registry))


def create(name: str, configuration: Mapping[str, Any]) -> DenoisingNetwork:
    """Build a network with random weights.

    Raises:
        UnknownNetworkError: There is no network of that name, or it does not take the configuration.
    """
    if name not in _registry:
        raise UnknownNetworkError(f"There is no network “{name}”; known are {', '.join(names())}.")
    try:
        return _registry[name](**configuration)
    except (TypeError, ValueError) as error:
        raise UnknownNetworkError(f"The network “{name}” does not take this configuration: {error}.") from error
