"""What a bundled model's card says of its making, and the file that is written."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from CTDenoiseLib.models import Metric, Model, ModelCard, ParentModel, Scaling, Training, TrainingData
from CTDenoiseLib.models.save import save_model
from CTDenoiseLib.networks import DenoisingNetwork

from ..material.sampler import HIGHEST_HU
from .bundled_model import BundledModel, Stage
from .real_series import NOISE_SECTIONS, SERIES_UID

SCALE_HU = 100.0
# Half of the pairs are not clipped at -1024 HU, so that the network saw the noise of air below; padding lies lower.
NOISY_AIR_HU = -1200.0
LICENCE = "Apache-2.0"

_DATA = (
    TrainingData(
        name="PyRadiomics sample volumes lung1 and lung2",
        source="package pyradiomics==3.0.1 on PyPI",
        licence="BSD-3-Clause",
        use="anatomy, averaged down 1.6 to 3 times; body shapes for simulated noise",
    ),
    TrainingData(
        name="procedural vessels, bones and organs",
        source="CTDenoiseTrainLib.simulate.anatomy",
        licence=LICENCE,
        use="anatomy",
    ),
    TrainingData(
        name="pure-noise reconstructions",
        source="CTDenoiseTrainLib.simulate.noise_reconstruction",
        licence=LICENCE,
        use="noise",
    ),
)
_SPINES = TrainingData(
    name="simulated spines of ultra-high resolution",
    source="CTDenoiseTrainLib.simulate.spine",
    licence=LICENCE,
    use="anatomy and noise",
)
_REAL = TrainingData(
    name=f"NLST chest series {SERIES_UID}, instances 1 to {NOISE_SECTIONS}",
    source="National Lung Screening Trial, doi 10.7937/TCIA.HMQ8-J677",
    licence="CC BY 4.0",
    use="noise, by subtracting sections three apart where both are flat",
)
_LIMITATIONS = (
    "Trained on chest anatomy and drawn shapes only; other regions were measured on phantoms and few patients.",
    "The patient whose lower chest gave the figures gave noise of the upper chest for training.",
    "Simulated noise is that of a parallel-beam scan without scatter or motion; metal was never seen.",
    "Fine structure of little more contrast than the noise goes with it; the figures on vessels say how much.",
    "Bars of low contrast in a resolution phantom can be taken for noise.",
    "Soft tissue becomes very smooth at full strength; where a natural texture is wanted, lower the strength.",
    "Blind to lesions: whether a finding survives was not tested with readers.",
)


def training_record(  # noqa: PLR0913 - what there is to tell
    model: BundledModel, *, real: bool, seed: int, seconds: float, done: Sequence[Stage], start: Model | None
) -> Training:
    """How the model was made.

    Args:
        model: What was to be made.
        real: Whether the real series gave noise.
        seed: Of the training.
        seconds: That it took.
        done: The stages that were trained here.
        start: What the stages before them came to, if they were not trained here: an unfinished model of the same name,
            whose steps and seconds count, or another one, which is the parent.
    """
    before = start.card.training if start is not None and start.card.name == model.name else None
    parent = None if start is None else ParentModel.of(start.card)
    return Training(
        data=(*_data(model), _REAL) if real else _data(model),
        recipe={
            "seed": seed,
            "stages": [asdict(stage) for stage in model.stages],
            **({"mean_of_stages": list(model.mean_of)} if model.mean_of else {}),
        },
        script="CTDenoiseTrain/CTDenoiseTrainLib/recipes/build.py",
        duration_s=round(seconds) + (before.duration_s if before else 0),
        steps=sum(stage.steps for stage in done) + (before.steps if before else 0),
        hardware=f"{os.cpu_count()} CPU cores, {platform.machine()}, PyTorch {torch.__version__}",
        parent=before.parent if before else parent,
    )


def _data(model: BundledModel) -> tuple[TrainingData, ...]:
    return (*_DATA, _SPINES) if any(stage.size.spine_exams for stage in model.stages) else _DATA


def save_bundled(
    folder: Path,
    network: DenoisingNetwork,
    model: BundledModel,
    record: Training,
    *,
    metrics: Sequence[Metric] = (),
) -> ModelCard:
    """Write the model; an older one of its name in the folder is replaced."""
    return save_model(
        folder,
        network,
        name=model.name,
        version=model.version,
        title=model.title,
        description=model.description,
        licence=LICENCE,
        scaling=Scaling(offset_hu=0.0, scale_hu=SCALE_HU),
        hu_range=(NOISY_AIR_HU, HIGHEST_HU),
        made_for=model.made_for,
        training=record,
        metrics=metrics,
        limitations=(*_LIMITATIONS, *model.limitations),
        weights_dtype="float16",
        overwrite=True,
    )
