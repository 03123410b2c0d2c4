"""What a bundled model is to be: its network, the stages of its training, and what its card says beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from CTDenoiseLib.models import MadeFor

from ..material.make import MaterialSize
from ..material.sampler import PairOptions
from ..recipe.content import TrainingOptions
from ..training.loss import BiasWeight


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One part of the training, with material of its own.

    Attributes:
        configuration: Of the network; an HR-CNN wider than in the stage before begins as what that one learnt.
        size: How much material is made.
        pairs: How pairs are drawn.
        training: How the network is trained on them.
        bias_weight: See `TrainingLoss`: it keeps more of fine structure and leaves more noise.
        steps_per_epoch: Steps between two lines of news.
    """

    configuration: Mapping[str, Any]
    size: MaterialSize
    pairs: PairOptions
    training: TrainingOptions
    bias_weight: BiasWeight | None = None
    steps_per_epoch: int = 100

    @property
    def steps(self) -> int:
        """Steps in all."""
        return self.training.epochs * self.steps_per_epoch


@dataclass(frozen=True, kw_only=True)
class BundledModel:
    """A model that comes with the extension.

    Attributes:
        name: See `ModelCard`, as for the other fields of the card.
        version: See `ModelCard`.
        title: See `ModelCard`.
        description: See `ModelCard`.
        network: Name in the registry of networks.
        stages: The parts of the training, one after the other.
        made_for: See `ModelCard`.
        mean_of: Stages, counted from 0, whose weights are averaged in the end; empty for those of the last stage.
            Between two points of one training lies a network between them (Wortsman et al., ICML 2022).
        limitations: Beside those that all of them have.
    """

    name: str
    version: str
    title: str
    description: str
    network: str
    stages: tuple[Stage, ...]
    made_for: MadeFor
    mean_of: tuple[int, ...] = ()
    limitations: tuple[str, ...] = ()

    @property
    def context(self) -> int:
        """Adjacent sections on each side."""
        return self.stages[-1].pairs.context
