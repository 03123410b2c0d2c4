"""What a network is found to do when it runs, as opposed to what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from CTDenoiseLib.networks import DenoisingNetwork, create


@dataclass(frozen=True)
class Layer:
    """One layer with learnt kernels or one pooling, and the side of its output."""

    kind: str
    inputs: int
    filters: int
    kernel: int
    stride: int
    side: int


def layer_table(name: str, *, side: int) -> list[Layer]:
    """Convolutions, deconvolutions and poolings of a default network, in the order in which a section meets them."""
    layers: list[Layer] = []

    def note(module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        kernel, stride = (size if isinstance(size, int) else size[0] for size in (module.kernel_size, module.stride))
        kind = type(module).__name__.removesuffix("2d")
        layers.append(Layer(kind, inputs[0].shape[1], output.shape[1], kernel, stride, output.shape[-1]))

    with torch.device("meta"):
        network = create(name, {})
        for module in network.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.MaxPool2d)):
                module.register_forward_hook(note)
        network(torch.empty(1, 2 * network.context + 1, side, side))
    return layers


def random_sections(network: DenoisingNetwork, rows: int, columns: int, *, batch: int = 2) -> Tensor:
    """Random input that fits the network."""
    generator = torch.Generator().manual_seed(7)
    return torch.randn(batch, 2 * network.context + 1, rows, columns, generator=generator)


def measured_reach(network: DenoisingNetwork) -> int:
    """Largest distance in rows at which a change of the input changes the output.

    The network does the same to each cell of `stride` rows, so it is enough to change the rows of the first cell and
    look further down, and those of the last and look further up.
    """
    network = network.double().eval()
    stride = network.stride
    rows = (network.receptive_radius // stride + 3) * stride
    original = random_sections(network, rows, stride, batch=1).double()
    reach = 0
    with torch.inference_mode():
        before = network(original)
        for row in [*range(stride), *range(rows - stride, rows)]:
            changed = original.clone()
            # So large that it wins every max-pooling.
            changed[:, :, row] += 1e6
            affected = (network(changed) != before).any(dim=3).flatten().nonzero().flatten()
            reach = max(reach, *(int(abs(other - row)) for other in affected))
    return reach
