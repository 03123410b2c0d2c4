"""A training of a few seconds for the self tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .presets import fill_in

if TYPE_CHECKING:
    from .parameters import Parameters

SIZE = (24, 64)


def choose_tiny_recipe(parameters: Parameters, sharp: Any, smooth: Any, *, name: str) -> None:
    """Choose a new model, three epochs, and pairs of two volumes."""
    fill_in(parameters, "quick")
    parameters.model, parameters.source = "", "kernel-pairs"
    parameters.volume = parameters.noisy_volume = sharp
    parameters.clean_volume = smooth
    parameters.epochs, parameters.batch, parameters.patches, parameters.side = 3, 8, 16, 32
    parameters.device, parameters.precision = "cpu", "fp32"
    parameters.model_name, parameters.model_title = name, "Self test"
