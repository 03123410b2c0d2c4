"""Which layers of a network learn."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from CTDenoiseLib.networks import HRCNN, DenoisingNetwork, PlainCNN, UNet

from ..errors import TrainingError
from ..recipe.content import Layers

_DECODER_OF_PLAIN = 3


def learning_parameters(network: DenoisingNetwork, layers: Layers) -> tuple[nn.Parameter, ...]:
    """The parameters that learn.

    The network is not changed; `Trainer` leaves all others, and the statistics of batch norm, as they are.

    Args:
        network: To be trained.
        layers: "all"; "decoder", the expansive branch and the last convolution (of `PlainCNN`, which has no branches,
            the last three of its five convolutions); or "last-block", the finest level of the expansive branch and the
            last convolution (of `PlainCNN` the last convolution alone).

    Raises:
        TrainingError: Not all layers are to learn, and the network is none whose layers are known here.
    """
    if layers == "all":
        return tuple(network.parameters())
    learning = _decoder(network) if layers == "decoder" else _last_block(network)
    return tuple(parameter for module in learning for parameter in module.parameters())


def _decoder(network: DenoisingNetwork) -> Sequence[nn.Module]:
    match network:
        case HRCNN():
            return [network.up_convolutions, network.up, network.noise]
        case UNet():
            return [network.deconvolutions, network.up, network.noise]
        case PlainCNN():
            return _convolutions(network)[-_DECODER_OF_PLAIN:]
    raise _unknown(network)


def _last_block(network: DenoisingNetwork) -> Sequence[nn.Module]:
    match network:
        case HRCNN():
            return [*network.up_convolutions[:1], *network.up[:1], network.noise]
        case UNet():
            return [*network.deconvolutions[:1], *network.up[:1], network.noise]
        case PlainCNN():
            return _convolutions(network)[-1:]
    raise _unknown(network)


def _convolutions(network: PlainCNN) -> Sequence[nn.Module]:
    return [layer for layer in network.layers if isinstance(layer, nn.Conv2d)]


def _unknown(network: DenoisingNetwork) -> TrainingError:
    return TrainingError(
        f"Which layers of the network “{network.name}” are its decoder is not known; let all layers learn."
    )
