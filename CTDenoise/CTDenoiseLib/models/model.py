"""A model ready for use: its card and its network with the trained weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .card import ModelCard

if TYPE_CHECKING:
    from ..networks import DenoisingNetwork


@dataclass(frozen=True)
class Model:
    """A card and its network.

    Attributes:
        card: What the model is and was made for.
        network: In float32, on the CPU, switched to evaluation.
    """

    card: ModelCard
    network: DenoisingNetwork
