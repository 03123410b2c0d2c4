"""Models: weights in safetensors, a JSON card each, and the store that keeps them. Looking at cards needs no torch."""

from __future__ import annotations

from .card import (
    MadeFor,
    Metric,
    ModelCard,
    NetworkDescription,
    ParentModel,
    Scaling,
    Training,
    TrainingData,
    Weights,
)
from .errors import BundledModelError, DamagedModelError, ModelError, ModelExistsError, UnknownModelError
from .model import Model
from .store import DamagedCard, ModelStore, StoredModel

__all__ = [
    "BundledModelError",
    "DamagedCard",
    "DamagedModelError",
    "MadeFor",
    "Metric",
    "Model",
    "ModelCard",
    "ModelError",
    "ModelExistsError",
    "ModelStore",
    "NetworkDescription",
    "ParentModel",
    "Scaling",
    "StoredModel",
    "Training",
    "TrainingData",
    "UnknownModelError",
    "Weights",
]
