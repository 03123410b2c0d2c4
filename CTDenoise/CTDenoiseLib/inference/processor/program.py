"""The layers of a network in the order in which they are computed, read off its own `forward`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import fx, nn

from ...networks import DenoisingNetwork

# Stands for the sections that the network is given, among the sources of a layer.
GIVEN = -1


class UnknownLayerError(Exception):
    """The network does something that only PyTorch itself can compute."""


@dataclass(frozen=True)
class Activation:
    """What becomes of negative numbers: exponential · (exp(x) − 1) + slope · x. Positive ones stay."""

    exponential: float
    slope: float


IDENTITY = Activation(0.0, 1.0)


@dataclass(frozen=True)
class Layer:
    """One convolution, up-convolution or pooling.

    Attributes:
        module: That it is computed as.
        sources: Layers whose features it takes, one after the other as channels, by number; `GIVEN` for the input.
        activation: Of its result.
    """

    module: nn.Conv2d | nn.ConvTranspose2d | nn.MaxPool2d
    sources: tuple[int, ...]
    activation: Activation = IDENTITY


def layers_of(network: DenoisingNetwork) -> tuple[Layer, ...]:
    """Layers of a network whose batch norms are folded; the last one makes the noise.

    Raises:
        UnknownLayerError: It has other layers than convolutions, up-convolutions, poolings and activations, or joins
            them otherwise than by concatenation.
    """
    try:
        graph = fx.Tracer().trace(network)
    except Exception as error:
        # Whatever a network's `forward` does with what stands for its input there; PyTorch can still compute it.
        raise UnknownLayerError(f"{type(network).__name__} cannot be traced: {error}") from error
    reader = _Reader(dict(network.named_modules()))
    for node in graph.nodes:
        try:
            reader.take(node)
        except (IndexError, KeyError, TypeError, AttributeError) as error:
            raise UnknownLayerError(f"the network does “{node.format_node()}”") from error
    return tuple(reader.layers)


class _Reader:
    def __init__(self, modules: Mapping[str, nn.Module]) -> None:
        self._modules = modules
        self._values: dict[fx.Node, tuple[int, ...]] = {}
        self.layers: list[Layer] = []

    def take(self, node: fx.Node) -> None:
        if node.op == "placeholder":
            self._values[node] = (GIVEN,)
        elif node.op == "call_module":
            self._values[node] = self._module(node)
        elif node.op == "call_function" and node.target is torch.cat and _dimension(node) == 1:
            parts: Any = node.args[0]
            self._values[node] = tuple(layer for part in parts for layer in self._values[part])
        elif node.op != "output":
            raise UnknownLayerError(f"the network does “{node.format_node()}”")
        elif not self.layers or self._of(node) != (len(self.layers) - 1,):
            raise UnknownLayerError("what the network gives is not its last layer")

    def _module(self, node: fx.Node) -> tuple[int, ...]:
        module, sources = self._modules[str(node.target)], self._of(node)
        if isinstance(module, nn.Identity):
            if len(node.all_input_nodes[0].users) > 1:
                raise UnknownLayerError("features are used before and after they are activated")
            return sources
        activation = _activation(module)
        if activation is None:
            self.layers.append(Layer(_known(module, sources), sources))
            return (len(self.layers) - 1,)
        last = len(self.layers) - 1
        if not self.layers or sources != (last,) or len(node.all_input_nodes[0].users) > 1:
            raise UnknownLayerError("an activation does not follow its layer alone and directly")
        if self.layers[last].activation != IDENTITY or isinstance(self.layers[last].module, nn.MaxPool2d):
            raise UnknownLayerError("an activation follows another or a pooling")
        self.layers[-1] = replace(self.layers[-1], activation=activation)
        return sources

    def _of(self, node: fx.Node) -> tuple[int, ...]:
        source = node.args[0]
        if not isinstance(source, fx.Node):
            raise UnknownLayerError(f"{node.name} takes something else than one tensor")
        return self._values[source]


def _dimension(node: fx.Node) -> object:
    return node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else 0)


def _activation(module: nn.Module) -> Activation | None:
    if isinstance(module, nn.ELU):
        return Activation(module.alpha, 0.0)
    if isinstance(module, nn.LeakyReLU):
        return Activation(0.0, module.negative_slope)
    return Activation(0.0, 0.0) if isinstance(module, nn.ReLU) else None


def _known(module: nn.Module, sources: tuple[int, ...]) -> nn.Conv2d | nn.ConvTranspose2d | nn.MaxPool2d:
    """The module, if `steps` computes its like."""
    if isinstance(module, nn.Conv2d):
        sides = tuple(2 * margin + 1 for margin in module.padding) if isinstance(module.padding, tuple) else ()
        plain = module.padding_mode == "zeros" and module.groups == 1 and (GIVEN not in sources or len(sources) == 1)
        if plain and module.stride == module.dilation == (1, 1) and module.kernel_size == sides:
            return module
    elif isinstance(module, nn.ConvTranspose2d):
        shape = module.kernel_size, module.padding, module.output_padding
        plain = module.groups == 1 and module.dilation == (1, 1) and module.stride == (2, 2) and len(sources) == 1
        if plain and shape in {((2, 2), (0, 0), (0, 0)), ((3, 3), (1, 1), (1, 1))}:
            return module
    elif isinstance(module, nn.MaxPool2d) and len(sources) == 1 and sources[0] != GIVEN:
        settings = module.kernel_size, module.stride, module.padding, module.dilation, module.ceil_mode
        if settings == (2, 2, 0, 1, False):
            return module
    raise UnknownLayerError(f"the network has the layer {module}")
