"""All that was trained and measured, gathered for tables, findings and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..trained import Trained
from .measure import CrossTest, cross_tests, input_noise
from .models import model_of, retrained_model
from .scans import Scans
from .settings import Resolution, Retraining


@dataclass(frozen=True)
class Outcome:
    """What the experiment came to.

    Attributes:
        scans: Pictures and settings.
        models: By resolution, in their order.
        retrained: By share of the data, in their order.
        noise: Of the inputs, see `input_noise`.
        finest: All models on the finest pictures, by the model's resolution.
        coarsest: All models on the coarsest pictures, likewise.
        after_retraining: Retrained models on the finest pictures, by share.
    """

    scans: Scans
    models: Mapping[Resolution, Trained]
    retrained: Mapping[Retraining, Trained]
    noise: Mapping[str, Mapping[str, float]]
    finest: Mapping[Resolution, CrossTest]
    coarsest: Mapping[Resolution, CrossTest]
    after_retraining: Mapping[Retraining, CrossTest]

    def tests(self) -> tuple[tuple[Resolution, Mapping[Resolution, CrossTest]], ...]:
        """Resolution of the test pictures, and what the models come to on them."""
        settings = self.scans.settings
        return (settings.finest, self.finest), (settings.coarsest, self.coarsest)


def outcome_of(scans: Scans) -> Outcome:
    """Do what is not done yet."""
    settings = scans.settings
    scans.prepare()
    noise = input_noise(scans)
    models = {resolution: model_of(scans, resolution) for resolution in settings.resolutions}
    networks = {resolution.key: model.network for resolution, model in models.items()}

    def crossed(resolution: Resolution) -> dict[Resolution, CrossTest]:
        own = models[resolution].network
        found = cross_tests(scans, f"tests-{resolution.key}", resolution, networks=networks, own=own)
        return {model: found[model.key] for model in models}

    finest, coarsest = crossed(settings.finest), crossed(settings.coarsest)
    start = models[settings.coarsest].network
    retrained = {retraining: retrained_model(scans, start, retraining) for retraining in settings.retrainings}
    after = cross_tests(
        scans,
        "tests-retrained",
        settings.finest,
        networks={retraining.key: model.network for retraining, model in retrained.items()},
        own=models[settings.finest].network,
    )
    return Outcome(
        scans,
        models=models,
        retrained=retrained,
        noise=noise,
        finest=finest,
        coarsest=coarsest,
        after_retraining={retraining: after[retraining.key] for retraining in retrained},
    )
