"""A model on its device, where it stays from job to job."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..inference import Backend, Denoiser
from ..models import ModelStore
from ..volume import Volume
from .messages import LoadModel, ModelLoaded


@dataclass(frozen=True)
class LoadedModel:
    """A model that jobs can use.

    Attributes:
        request: That it was loaded for.
        denoiser: It does the work.
        description: For the client.
    """

    request: LoadModel
    denoiser: Denoiser
    description: ModelLoaded


def load_model(request: LoadModel) -> LoadedModel:
    """Load a model onto the device asked for.

    Raises:
        BackendError: There is no such device, or it cannot do the precision.
        UnknownModelError: There is no such model in the folder.
        DamagedModelError: Card or weights are damaged or do not fit each other.
    """
    backend = Backend.choose(request.device, request.precision)
    denoiser = Denoiser(ModelStore(None, Path(request.folder)).load(request.name), backend)
    _warm_up(denoiser)
    card = denoiser.card
    return LoadedModel(
        request,
        denoiser,
        ModelLoaded(
            name=card.name,
            version=card.version,
            weights_sha256=card.weights.sha256,
            context=card.context,
            device=backend.device,
            device_name=backend.device_name,
            precision=backend.precision,
            reason=backend.reason,
        ),
    )


def _warm_up(denoiser: Denoiser) -> None:
    """Have the libraries of the device do now what they do at first use, so that the first section need not wait."""
    list(denoiser.sections(Volume(np.zeros((1, 64, 64), dtype=np.float32))))
