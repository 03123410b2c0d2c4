"""What the panel shows to who comes from CT Denoise to fine-tune a model on an exam: nothing is left to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .data_choice import propose_anew
from .kept_cases import KeptCases
from .presets import FOR_FINE_TUNING, fill_in

if TYPE_CHECKING:
    from .parameters import Parameters


def choose_fine_tuning(parameters: Parameters, volume: Any, model: str) -> None:
    """Choose volume and model, and have companions and the source of pairs proposed.

    Args:
        parameters: Of the panel.
        volume: What the model is to denoise.
        model: Name of the model.
    """
    kept = KeptCases(parameters.parameterNode)
    while kept.cases:
        kept.remove(0)
    propose_anew(parameters)
    parameters.volume, parameters.model = volume, model
    fill_in(parameters, FOR_FINE_TUNING)
