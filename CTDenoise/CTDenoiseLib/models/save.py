"""Save a trained network as a model: its weights and the card that describes them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ..networks import DenoisingNetwork
from .card import MadeFor, Metric, ModelCard, NetworkDescription, Range, Scaling, Training, Weights
from .files import card_path, write_model
from .weights import WeightsDtype, count_parameters, pack_weights


def save_model(  # noqa: PLR0913 - the fields of a card, each asked for by name
    folder: Path,
    network: DenoisingNetwork,
    *,
    name: str,
    version: str,
    title: str,
    description: str,
    licence: str,
    scaling: Scaling,
    hu_range: Range,
    made_for: MadeFor,
    training: Training,
    metrics: Sequence[Metric] = (),
    limitations: Sequence[str] = (),
    weights_dtype: WeightsDtype = "float16",
    overwrite: bool = False,
) -> ModelCard:
    """Write NAME.safetensors and NAME.json, both or neither.

    Args:
        folder: Made when it is not there.
        network: The trained network.
        name: Name of the model and its files: lower-case letters, digits, single hyphens.
        version: See `ModelCard`, as for the other fields of the card.
        title: See `ModelCard`.
        description: See `ModelCard`.
        licence: See `ModelCard`.
        scaling: See `ModelCard`.
        hu_range: See `ModelCard`.
        made_for: See `ModelCard`.
        training: See `ModelCard`.
        metrics: See `ModelCard`.
        limitations: See `ModelCard`.
        weights_dtype: Of the kernels in the file; float16 halves its size.
        overwrite: Whether an older model of that name in the folder may be replaced.

    Returns:
        The card as written.

    Raises:
        DamagedModelError: The fields make no valid card, or a weight is not finite. Nothing is written.
        OutputExistsError: The files are there and may not be replaced.
        WriteFailedError: The disk does not take them.
    """
    content = pack_weights(network, weights_dtype)
    weights = Weights(
        file=f"{name}.safetensors",
        sha256=hashlib.sha256(content).hexdigest(),
        dtype=weights_dtype,
        parameters=count_parameters(network),
    )
    card = ModelCard(
        name=name,
        version=version,
        title=title,
        description=description,
        licence=licence,
        network=NetworkDescription(name=network.name, configuration=dict(network.configuration)),
        context=network.context,
        scaling=scaling,
        hu_range=hu_range,
        made_for=made_for,
        training=training,
        metrics=tuple(metrics),
        limitations=tuple(limitations),
        weights=weights,
    )
    write_model(folder, card, content, overwrite=overwrite)
    return ModelCard.read(card_path(folder, name))
