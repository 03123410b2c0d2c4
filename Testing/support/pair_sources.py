"""Small things that cases of pairs are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.volume import Acquisition, Geometry
from CTDenoiseTrainLib.noise.noise_map import NoiseMap
from CTDenoiseTrainLib.pairs.complete_noise import CompleteNoise, complete_noise
from CTDenoiseTrainLib.pairs.section_covariance import Subtraction
from CTDenoiseTrainLib.pairs.source_case import CaseDescription
from CTDenoiseTrainLib.pairs.volume_cache import StoredVolume, VolumeCache
from CTDenoiseTrainLib.recipe.content import PatchOptions

AS_THEY_ARE = PatchOptions(side=16, shift_pixels=0, noise_scale=(1.0, 1.0), flips=False, rotations=False)


def description(*, name: str = "patient A", spacing: tuple[float, float, float] = (1.0, 0.5, 0.5)) -> CaseDescription:
    """Of a case of patient A."""
    return CaseDescription(
        name=name, patient="A", geometry=Geometry(spacing=spacing), acquisition=Acquisition(), noise_hu=None
    )


def stored(hu: NDArray[np.floating]) -> StoredVolume:
    """A volume in memory."""
    return StoredVolume(np.asarray(hu, dtype=np.float32))


def complete(noise: NDArray[np.floating], *, subtraction: Subtraction | None = None) -> CompleteNoise:
    """A noise map without holes."""
    values = np.asarray(noise, dtype=np.float32)
    return filled(NoiseMap(noise=values, weight=np.ones_like(values)), subtraction=subtraction)


def filled(noise_map: NoiseMap, *, subtraction: Subtraction | None = None) -> CompleteNoise:
    """A noise map whose holes have been filled."""
    cache = VolumeCache(Path("unused"), memory_gb=1)
    with cache.scratch() as allocate:
        return complete_noise(noise_map, cache=cache, allocate=allocate, subtraction=subtraction, name="patient A")
