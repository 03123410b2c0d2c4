"""What the first models are trained on: openly licensed chests, procedural anatomy, simulated and real noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..noise.noise_map import NoiseMap
from ..simulate.anatomy import average_down, procedural_volume, resample_sections
from ..simulate.kernels import RAM_LAK
from ..simulate.noise_reconstruction import Scan, noise_scale, ray_noise, reconstruct_noise
from ..simulate.spine import SpineScan, simulate_spine_exam
from .kernels import KernelFamily
from .sampler import Material

SHARP_LUNG_KERNELS = KernelFamily(
    half=(0.32, 0.46), steepness=(2.0, 3.5), boost=(0.0, 0.6), centre=(0.18, 0.26), width=(0.06, 0.12)
)
"""Kernels like the sharp lung kernel of measured noise: its NPS peaks near 0.23 cycles a pixel."""


@dataclass(frozen=True)
class MaterialSize:
    """How much material is made; the defaults take a few minutes on two cores and about 1 GB.

    Attributes:
        procedural_volumes: Volumes of procedural anatomy.
        procedural_shape: Sections, rows and columns of each.
        bar_patterns: Blocks of parallel bars in each.
        noise_volumes: Volumes of reconstructed noise, each of another body.
        noise_sections: Sections of each.
        scan: How they are scanned.
        spine_exams: Simulated spines of ultra-high resolution, which give anatomy and noise of the ramp up to the
            Nyquist frequency of the rays.
        spine_scan: How these are scanned.
    """

    procedural_volumes: int = 28
    procedural_shape: tuple[int, int, int] = (20, 256, 256)
    bar_patterns: int = 0
    noise_volumes: int = 14
    noise_sections: int = 12
    scan: Scan = field(default_factory=Scan)
    spine_exams: int = 0
    spine_scan: SpineScan = field(default_factory=lambda: SpineScan(matrix=384, sections=12))


def chest_anatomy(hu: NDArray[np.floating]) -> list[NDArray[np.int16]]:
    """Volumes from one thick-section chest series, averaged down until they are sharp for each pixel.

    Args:
        hu: HU values, shape (z, y, x).

    Returns:
        Copies with pixels 1.6, 2 and 3 times as large, the first two also with sections interpolated to half the
        increment, since thin sections change less from one to the next.
    """
    coarse = [average_down(np.asarray(hu, dtype=np.float32), factor) for factor in (1.6, 2.0, 3.0)]
    finer = [resample_sections(volume, 0.5) for volume in coarse[:2]]
    return [_as_int16(volume) for volume in (*coarse, *finer)]


def _procedural(size: MaterialSize, seed: int) -> NDArray[np.int16]:
    rng = np.random.default_rng(seed)
    step = float(np.exp(rng.uniform(np.log(0.7), np.log(4.0))))
    volume = procedural_volume(size.procedural_shape, section_step=step, rng=rng, bar_patterns=size.bar_patterns)
    return _as_int16(volume)


def _noise(size: MaterialSize, body: NDArray[np.float32], seed: int) -> NDArray[np.float16]:
    rng = np.random.default_rng(seed)
    rays = ray_noise(body, width_mm=float(rng.uniform(180, 450)), scan=size.scan)
    return reconstruct_noise(rays, sections=size.noise_sections, rng=rng).astype(np.float16)


def _spine(size: MaterialSize, seed: int) -> tuple[NDArray[np.int16], NDArray[np.float16]]:
    """A spine as sharp as its pixels allow, and noise of unit SD."""
    exam = simulate_spine_exam(seed, size.spine_scan, kernel=RAM_LAK)
    noise = exam.noisy - exam.truth
    return _as_int16(np.clip(exam.truth, -1024, 3071)), (noise / noise_scale(noise)).astype(np.float16)


def make_material(
    chests: Iterable[NDArray[np.floating]],
    measured_noise: Iterable[NoiseMap],
    *,
    size: MaterialSize,
    seed: int,
    on_progress: Callable[[str], None],
) -> Material:
    """Make everything that pairs are drawn from.

    Args:
        chests: Chest volumes in HU that give anatomy and the shape of bodies, each (z, y, x) with square sections.
        measured_noise: Noise of real series with a sharp lung kernel.
        size: How much.
        seed: The material is the same for the same seed.
        on_progress: Told what is being made.
    """
    chests = list(chests)
    anatomy = [chest_anatomy(chest) for chest in chests]
    bodies = _bodies(chests, size.noise_volumes, np.random.default_rng(seed))
    with ProcessPoolExecutor() as processes:
        on_progress(f"drawing {size.procedural_volumes} volumes of procedural anatomy")
        drawn = [processes.submit(_procedural, size, seed + i) for i in range(size.procedural_volumes)]
        on_progress(f"reconstructing {size.noise_volumes} volumes of pure noise")
        noise = [processes.submit(_noise, size, body, seed + 1000 + i) for i, body in enumerate(bodies)]
        if size.spine_exams:
            on_progress(f"simulating {size.spine_exams} spines")
        simulated = [processes.submit(_spine, size, seed + 2000 + i) for i in range(size.spine_exams)]
        procedural = [future.result() for future in drawn]
        reconstructed = [future.result() for future in noise]
        spines = [future.result() for future in simulated]
    groups = [[volume for group in anatomy for volume in group], procedural, [spine for spine, _ in spines]]
    return Material(
        anatomy=[group for group in groups if group],
        reconstructed_noise=[*reconstructed, *(noise for _, noise in spines)],
        measured_noise=list(measured_noise),
        measured_kernels=SHARP_LUNG_KERNELS,
    )


def _bodies(chests: list[NDArray[np.floating]], count: int, rng: np.random.Generator) -> list[NDArray[np.float32]]:
    """Coarse sections whose attenuation shapes the noise: chests, chests with filled lungs (abdomens), ellipses."""
    bodies = []
    for index in range(count):
        chest = chests[index % len(chests)]
        section = np.asarray(chest[rng.integers(len(chest))], dtype=np.float32)
        body = average_down(section[None], section.shape[0] / 128)[0]
        kind = index % 3
        if kind == 1:
            body = np.where(body > -990, np.maximum(body, rng.uniform(0, 60)), body)
        if kind == 2:
            body = _ellipse(body.shape, rng)
        bodies.append(_inside_disc(body))
    return bodies


def _ellipse(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """A trunk, a head or a limb: an ellipse of tissue with a few bones."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    radii = rng.uniform(0.4, 0.9, 2)
    body = np.where(np.hypot(y / radii[0], x / radii[1]) < 1, rng.uniform(-60, 60), -1000)
    for _ in range(rng.integers(1, 4)):
        centre = rng.uniform(-0.5, 0.5, 2) * radii
        bone = np.hypot(y - centre[0], x - centre[1]) < rng.uniform(0.04, 0.15)
        body = np.where(bone, rng.uniform(300, 1200), body)
    return body.astype(np.float32)


def _inside_disc(body: NDArray[np.float32]) -> NDArray[np.float32]:
    centre = (np.arange(body.shape[0]) - (body.shape[0] - 1) / 2) / (body.shape[0] / 2)
    return np.where(np.hypot(centre[:, None], centre[None]) < 0.99, body, np.float32(-1000))


def _as_int16(volume: NDArray[np.floating]) -> NDArray[np.int16]:
    return np.round(volume).astype(np.int16)
