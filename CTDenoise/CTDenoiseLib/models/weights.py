"""Trained weights as safetensors bytes, and the checks that they are the ones a card describes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from ..networks import DenoisingNetwork, UnknownNetworkError, create
from .card import ModelCard
from .errors import DamagedModelError

WeightsDtype = Literal["float16", "float32"]


def pack_weights(network: DenoisingNetwork, dtype: WeightsDtype) -> bytes:
    """The state of a network as safetensors, the same bytes for the same values.

    Only kernels are rounded to `dtype`. Biases and the running statistics of batch norm are a few kilobytes and can lie
    outside the range of float16, so they stay float32.

    Raises:
        DamagedModelError: A value is, or by the rounding becomes, infinite or NaN.
    """
    state = {key: _to_disk(tensor, dtype) for key, tensor in network.state_dict().items()}
    not_finite = _first_not_finite(state)
    if not_finite is not None:
        raise DamagedModelError(f"The tensor “{not_finite}” has infinite or NaN values as {dtype}; it was not saved.")
    # One metadata entry at most: safetensors writes several in random order.
    return safetensors.torch.save(state, metadata={"format": "pt"})


def network_with_weights(card: ModelCard, content: bytes) -> DenoisingNetwork:
    """The network of a card, in float32 and switched to evaluation.

    Args:
        card: The card.
        content: The bytes of its weights file.

    Raises:
        DamagedModelError: Card and weights do not fit each other, or the weights are not finite.
    """
    network = _empty_network(card)
    try:
        state = safetensors.torch.load(content)
    except safetensors.SafetensorError as error:
        raise _misfit(card, f"the file is no complete safetensors file ({error})") from error
    except KeyError as error:
        # So safetensors reports number formats that it knows but its torch part does not.
        raise _misfit(card, f"the file holds numbers of the unknown type {error}") from error
    expected = network.state_dict()
    _check_tensors(card, expected, state)
    network.load_state_dict({key: state[key].to(expected[key].dtype) for key in expected}, assign=True)
    return network.eval()


def count_parameters(network: DenoisingNetwork) -> int:
    """Number of trained values of a network."""
    return sum(parameter.numel() for parameter in network.parameters())


def _empty_network(card: ModelCard) -> DenoisingNetwork:
    """The network without memory for its weights, so that a wrong card costs nothing."""
    try:
        with torch.device("meta"):
            network = create(card.network.name, card.network.configuration)
    except UnknownNetworkError as error:
        raise DamagedModelError(f"The model “{card.name}” asks for a network that cannot be built: {error}") from error
    if network.context != card.context:
        raise _misfit(card, f"the card says {card.context} sections of context, its network has {network.context}")
    parameters = count_parameters(network)
    if parameters != card.weights.parameters:
        raise _misfit(card, f"the card says {card.weights.parameters} parameters, its network has {parameters}")
    return network


def _check_tensors(card: ModelCard, expected: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    if missing := expected.keys() - found.keys():
        raise _misfit(card, f"the file lacks {_some(missing)}")
    if extra := found.keys() - expected.keys():
        raise _misfit(card, f"the file has {_some(extra)} that the network does not know")
    for key, tensor in found.items():
        if tensor.shape != expected[key].shape:
            shapes = f"{tuple(tensor.shape)} instead of {tuple(expected[key].shape)}"
            raise _misfit(card, f"the tensor “{key}” has the shape {shapes}")
        wanted = _dtype_on_disk(expected[key], card.weights.dtype)
        if tensor.dtype != wanted:
            raise _misfit(card, f"the tensor “{key}” is {_name(tensor.dtype)} instead of {_name(wanted)}")
    not_finite = _first_not_finite(found)
    if not_finite is not None:
        raise _misfit(card, f"the tensor “{not_finite}” has infinite or NaN values")


def _dtype_on_disk(tensor: Tensor, dtype: WeightsDtype) -> torch.dtype:
    if not tensor.is_floating_point():
        return tensor.dtype
    is_kernel = tensor.ndim > 1
    return torch.float16 if is_kernel and dtype == "float16" else torch.float32


def _to_disk(tensor: Tensor, dtype: WeightsDtype) -> Tensor:
    return tensor.detach().to("cpu", _dtype_on_disk(tensor, dtype)).contiguous()


def _first_not_finite(state: Mapping[str, Tensor]) -> str | None:
    return next((key for key, tensor in state.items() if not _is_finite(tensor)), None)


def _is_finite(tensor: Tensor) -> bool:
    # A NaN anywhere makes both of them NaN; to ask each value takes ten times as long.
    return all(math.isfinite(extreme.item()) for extreme in tensor.aminmax())


def _misfit(card: ModelCard, what: str) -> DamagedModelError:
    return DamagedModelError(f"The model “{card.name}” and its weights “{card.weights.file}” do not fit: {what}.")


def _some(keys: Iterable[str]) -> str:
    first, *others = sorted(keys)
    return f"the tensor “{first}”" + (f" and {len(others)} more" if others else "")


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
