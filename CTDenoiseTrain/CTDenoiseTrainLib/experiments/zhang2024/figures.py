"""The figures of the result, in the manner of the paper's, and what they show."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import numpy as np
from matplotlib.figure import Figure

from CTDenoiseLib.atomic import file_in_the_making
from CTDenoiseLib.networks import DenoisingNetwork

from .charts import curves_figure, measures_figure
from .gallery import Picture, gallery_figure, noise_figure
from .models import Denoiser
from .outcome import Outcome
from .settings import Resolution

# The first procedural abdomen.
_SHOWN_PICTURE = 1
_NOISE_LIMIT_SD = 2.5

Figures = Mapping[str, tuple[Figure, str]]


def draw_figures(outcome: Outcome) -> dict[str, str]:
    """Write the figures to the folder of the experiment; returns their names, with what they show."""
    figures = dict(chain.from_iterable(part(outcome).items() for part in (_losses, _tests, _retraining, _noise)))
    for name, (figure, _) in figures.items():
        with file_in_the_making(outcome.scans.bench.folder / name, overwrite=True) as making:
            figure.savefig(making, format="png")
    return {name: words for name, (_, words) in figures.items()}


def _losses(outcome: Outcome) -> Figures:
    each = outcome.scans.settings.training.steps_per_epoch
    curves = {
        resolution.name: ([(epoch + 1) * each for epoch in range(len(model.losses))], model.losses)
        for resolution, model in outcome.models.items()
    }
    words = "Training loss of the six models, mean over each epoch (Fig. 2)."
    return {"losses.png": (curves_figure(curves, words="Training loss"), words)}


def _tests(outcome: Outcome) -> Figures:
    figures = {}
    for (test, models), (pictures, charts) in zip(outcome.tests(), ((4, 5), (7, 8)), strict=True):
        networks = {
            f"{resolution.name} model" + (" (self)" if resolution == test else ""): model.network
            for resolution, model in outcome.models.items()
        }
        crossed = {model.key: found for model, found in models.items() if model != test}
        figures[f"tests-{test.key}.png"] = (
            _gallery(outcome, test, networks),
            f"{test.name} pictures denoised by all models, and their difference from the self-test, at the edge and at "
            f"the centre of the body (Fig. {pictures}).",
        )
        figures[f"measures-{test.key}.png"] = (
            measures_figure(crossed, across="Pixel size of the model [µm]"),
            f"Cross-tests on {test.name} pictures against the self-test, mean ± SD over the test pictures "
            f"(Fig. {charts}).",
        )
    return figures


def _retraining(outcome: Outcome) -> Figures:
    settings = outcome.scans.settings
    finest, coarsest, neighbour = settings.finest, settings.coarsest, settings.resolutions[1]
    each = settings.retraining_steps_per_epoch
    curves = {
        retraining.name: ([look * each for look in range(len(model.validation))], model.validation)
        for retraining, model in outcome.retrained.items()
    }
    networks = {
        f"{coarsest.name} model": outcome.models[coarsest].network,
        **{f"with {retraining.name}": model.network for retraining, model in outcome.retrained.items()},
    }
    after = {"0": outcome.finest[coarsest], **{share.key: found for share, found in outcome.after_retraining.items()}}
    chart = measures_figure(
        after,
        across="Share of the data [%]",
        aim=outcome.finest[neighbour],
        aim_words=f"{neighbour.name} model",
    )
    return {
        "retraining-losses.png": (
            curves_figure(curves, words="Validation loss"),
            f"Validation loss of the {coarsest.name} model while it is retrained with shares of the {finest.name} "
            "pictures; the network of the lowest point is kept (Fig. 9).",
        ),
        "retrained.png": (
            _gallery(outcome, finest, networks),
            f"{finest.name} pictures denoised by the {coarsest.name} model before and after retraining, and the "
            "difference from the self-test (Fig. 10).",
        ),
        "retraining.png": (
            chart,
            f"The retrained model on {finest.name} pictures against the self-test, mean ± SD over the test pictures "
            "(Fig. 11).",
        ),
    }


def _noise(outcome: Outcome) -> Figures:
    scans = outcome.scans
    truth = scans.truth("test")[_SHOWN_PICTURE].astype(np.float32)
    level = float(np.mean([noise["body"] for noise in outcome.noise.values()]))
    noises = {
        resolution.name: (scans.inputs("test", resolution)[_SHOWN_PICTURE] - truth, resolution.pixel_mm)
        for resolution in scans.settings.resolutions
    }
    words = "Noise of one input at the six resolutions, in the same window (Fig. 12)."
    return {"noise.png": (noise_figure(noises, limit_hu=_NOISE_LIMIT_SD * level), words)}


def _gallery(outcome: Outcome, test: Resolution, networks: Mapping[str, DenoisingNetwork]) -> Figure:
    scans = outcome.scans
    noisy = scans.inputs("test", test)[_SHOWN_PICTURE].astype(np.float32)
    truth = scans.truth("test")[_SHOWN_PICTURE].astype(np.float32)

    def denoised(network: DenoisingNetwork) -> Picture:
        return Denoiser(network, scans.bench.backend, scale_hu=scans.settings.scale_hu)(noisy)

    outputs = {name: denoised(network) for name, network in networks.items()}
    return gallery_figure(truth, noisy, outputs, own=denoised(outcome.models[test].network), pixel_mm=test.pixel_mm)
