"""The paper's recipe: noise maps, scaled and moved by up to 15 pixels, added to iterative sections of 0.4/0.2 mm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from CTDenoiseLib.networks import HRCNN, DenoisingNetwork

from ...noise.section_average import averaged_geometry
from ...pairs.additive_case import LEAST_SHIFT, AdditiveCase
from ...pairs.complete_noise import complete_noise
from ...pairs.noise_windows import NoiseWindows
from ...pairs.patch_source import PatchSource
from ...pairs.source_case import CaseDescription
from ...pairs.split import Split, section_gap, split_cases
from ...pairs.volume_cache import VolumeCache
from ...recipe.content import DataOptions
from ...training.news import ValidationFigures
from ...validation.validator import Validator
from ..trained import Trained, TrainingPlan, trained
from ..workbench import Workbench
from .patients import TrainingPatient, training_patients
from .settings import Settings

_MEMORY_GB = 8.0
_THREADS = 2


def trained_network(bench: Workbench, settings: Settings) -> Trained:
    """The HR-CNN of this experiment; its best epoch, as the patients held out judge it."""
    pairs = _Pairs(bench, settings)
    return trained(
        bench,
        "network",
        start=lambda: HRCNN(**settings.network),
        batches=pairs.source,
        plan=TrainingPlan(
            options=settings.training, steps_per_epoch=settings.steps_per_epoch, scale_hu=settings.scale_hu
        ),
        seed=settings.seed,
        validate=pairs.validate,
    )


@dataclass
class _Pairs:
    """Pairs of the simulated patients, made when training asks for them."""

    bench: Workbench
    settings: Settings
    _split: Split | None = None
    _validator: Validator | None = None

    def source(self) -> PatchSource:
        settings = self.settings
        return PatchSource(
            self.split().training,
            settings.patches,
            context=settings.context,
            seed=settings.seed,
            threads=_THREADS,
        )

    def validate(self, network: DenoisingNetwork, epoch: int, check: Callable[[], None]) -> ValidationFigures:
        settings = self.settings
        self._validator = self._validator or Validator(
            self.split().validation,
            sections=settings.training.validation_sections,
            context=settings.context,
            scale_hu=settings.scale_hu,
            backend=self.bench.backend,
        )
        return self._validator(network, epoch, check)

    def split(self) -> Split:
        if self._split is None:
            settings = self.settings
            cache = VolumeCache(self.bench.folder, memory_gb=_MEMORY_GB)
            cases = [_case(patient, settings, cache) for patient in training_patients(self.bench, settings)]
            gap = section_gap(DataOptions(source="noise-maps", cases=()), context=settings.context)
            self._split = split_cases(cases, share=settings.validation_share, seed=settings.seed, gap=gap)
            self.bench.watcher.note(self._split.sentence)
        return self._split


def _case(patient: TrainingPatient, settings: Settings, cache: VolumeCache) -> AdditiveCase:
    """Targets are means of adjacent iterative sections; noise is the map of the same patient."""
    anatomy = patient.iterative
    with cache.scratch() as allocate:
        noise = complete_noise(patient.noise_map, cache=cache, allocate=allocate, subtraction=None, name=patient.name)
    low, high = noise.typical_hu
    least, most = settings.patches.noise_scale
    sections = anatomy.shape[0] - settings.target_sections + 1
    return AdditiveCase(
        CaseDescription(
            name=patient.name,
            patient=patient.name,
            geometry=averaged_geometry(anatomy.geometry, settings.target_sections),
            acquisition=patient.filtered.acquisition,
            noise_hu=(least * low, most * high),
        ),
        anatomy=cache.keep(anatomy.section, anatomy.shape),
        averaged=settings.target_sections,
        noise=[NoiseWindows(noise, sections=sections, shift=settings.patches.shift_pixels, least_shift=LEAST_SHIFT)],
        options=settings.patches,
    )
