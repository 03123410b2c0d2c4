"""A model small enough for every test: an HR-CNN of three levels and four filters with random, reproducible weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from CTDenoiseLib.models import MadeFor, ModelCard, ModelStore, Scaling, Training, TrainingData
from CTDenoiseLib.models.save import save_model
from CTDenoiseLib.networks import HRCNN


def tiny_network(*, context: int = 1, width: int = 4, levels: int = 3, seed: int = 0) -> HRCNN:
    """An HR-CNN in evaluation, with running statistics as if it had been trained."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = HRCNN(context=context, width=width, levels=levels)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.uniform_(module.bias, -0.2, 0.2)
                nn.init.uniform_(module.running_mean, -0.2, 0.2)
                nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network.eval()


def save_tiny_model(folder: Path, *, name: str = "tiny", network: HRCNN | None = None, **changes: Any) -> ModelCard:
    """Write the tiny model into a folder. `changes` replace arguments of `save_model`."""
    fields: dict[str, Any] = {
        "version": "1.0",
        "title": "Tiny HR-CNN for tests",
        "description": "Random weights; removes nothing that is noise.",
        "licence": "Apache-2.0",
        "scaling": Scaling(offset_hu=0.0, scale_hu=100.0),
        "hu_range": (-1024.0, 3071.0),
        "made_for": MadeFor(
            modality="CT",
            kernels=("B30f",),
            pixel_spacing_mm=(0.5, 1.0),
            section_thickness_mm=(1.0, 5.0),
            noise_hu=(5.0, 60.0),
        ),
        "training": Training(
            data=(TrainingData(name="None", source="random numbers", licence="CC0-1.0", use="weights"),),
            recipe={"seed": 0},
            script="Testing/support/tiny_model.py",
            duration_s=0.0,
            steps=0,
            hardware="CPU",
        ),
        "limitations": ("It is not trained.",),
        "weights_dtype": "float32",
    }
    return save_model(folder, network or tiny_network(), name=name, **(fields | changes))


def tiny_store(folder: Path, **changes: Any) -> ModelStore:
    """A store below a folder, with the tiny model bundled and a user folder that does not exist yet."""
    save_tiny_model(folder / "bundled", **changes)
    return ModelStore(folder / "bundled", folder / "user")
