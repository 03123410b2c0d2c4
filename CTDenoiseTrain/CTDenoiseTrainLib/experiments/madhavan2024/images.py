"""The image series of unseen patients that are compared: reconstructions, and what networks make of the sharp one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.networks import DenoisingNetwork
from CTDenoiseLib.volume import Acquisition, Geometry, Volume

from ...pairs.source_case import window_sections
from ...simulate.spine import SpineExam, SpineScan, simulate_spine_exam
from ...validation.predict import SectionPredictor
from ..trained import Trained
from ..workbench import Workbench
from .patients import iterative_of
from .settings import Settings
from .spine_measures import Denoise, Floats

SHARP, SMOOTH, ITERATIVE, DENOISED = "sharp kernel", "smooth kernel", "iterative, sharp kernel", "HR-CNN trained here"


@dataclass(frozen=True)
class UnseenPatient:
    """A patient who neither trained nor validated; simulated when first looked at.

    Attributes:
        number: From 0.
        settings: Of the experiment.
    """

    number: int
    settings: Settings

    @cached_property
    def exam(self) -> SpineExam:
        """With the sharp kernel."""
        settings = self.settings
        return simulate_spine_exam(settings.test_seed(self.number), settings.test_scan, kernel=settings.sharp)

    @cached_property
    def smooth_exam(self) -> SpineExam:
        """The same rays with the smooth kernel."""
        settings = self.settings
        return simulate_spine_exam(settings.test_seed(self.number), settings.test_scan, kernel=settings.smooth)

    def iterative(self, images: Floats) -> Floats:
        """Iterative reconstruction of sharp images of this patient, shape (z, y, x) in HU."""
        return iterative_of(self.exam, images, self.settings.test_scan, self.settings)


@dataclass(frozen=True)
class DenoisedSeries:
    """The sharp series as a network denoises it.

    Attributes:
        name: For people.
        key: For files; another for other weights.
        open: Makes the network ready.
    """

    name: str
    key: str
    open: Callable[[], Denoise]


def denoised_series(bench: Workbench, settings: Settings, network: Trained) -> tuple[DenoisedSeries, ...]:
    """Those of the network of this experiment and of the models of the store that the settings name."""
    store = ModelStore.default()
    there = {card.name: card for card in store.cards()}
    own = DenoisedSeries(
        DENOISED,
        f"here-{network.sha256[:8]}",
        lambda: _of_network(network.network, bench.backend, scale_hu=settings.scale_hu),
    )
    others = (
        DenoisedSeries(
            name,
            f"{name}-{there[name].weights.sha256[:8]}",
            partial(_of_model, store, name, bench.backend, settings.test_scan),
        )
        for name in settings.bundled
        if name in there
    )
    return own, *others


def _of_network(network: DenoisingNetwork, backend: Backend, *, scale_hu: float) -> Denoise:
    predictor = SectionPredictor(network, backend, scale_hu=scale_hu)

    def denoise(noisy: Floats) -> Floats:
        output = np.empty_like(noisy)
        for section, hu in enumerate(noisy):
            window = window_sections(section, context=network.context, sections=len(noisy))
            output[section] = hu - predictor.noise(noisy[window][np.newaxis])[0]
        return output

    return denoise


def _of_model(store: ModelStore, name: str, backend: Backend, scan: SpineScan) -> Denoise:
    denoiser = Denoiser(store.load(name), backend)
    geometry = Geometry(spacing=(scan.increment_mm, scan.pixel_mm, scan.pixel_mm))

    def denoise(noisy: Floats) -> Floats:
        output = np.empty_like(noisy)
        for section in denoiser.sections(Volume(noisy, geometry, Acquisition(modality="CT"))):
            output[section.index] = section.output
        return output

    return denoise
