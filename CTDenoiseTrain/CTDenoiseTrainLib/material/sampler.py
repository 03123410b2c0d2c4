"""Training pairs: sharp anatomy plus noise of the same kernel, each drawn at random from its own number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..noise.noise_map import NoiseMap
from ..pairs.batch import Batch
from .kernels import KernelFamily, apply_kernel

LOWEST_HU, HIGHEST_HU = -1024.0, 3071.0


@dataclass(frozen=True)
class Material:
    """What pairs are made of.

    Attributes:
        anatomy: Groups of volumes in HU, each (z, y, x), as sharp as their pixels allow; groups are drawn from equally.
        reconstructed_noise: Pure-noise volumes of unit SD with a flat kernel, each (z, y, x).
        measured_noise: Noise of real series with their own kernel; may be empty.
        measured_kernels: Kernels like that of the measured noise.
    """

    anatomy: Sequence[Sequence[NDArray[np.int16]]]
    reconstructed_noise: Sequence[NDArray[np.float16]]
    measured_noise: Sequence[NoiseMap] = ()
    measured_kernels: KernelFamily = field(default_factory=KernelFamily)


@dataclass(frozen=True)
class PairOptions:
    """How pairs are drawn.

    Attributes:
        side: Rows and columns of a patch.
        margin: Extra pixels on each side that the periodic kernel filter may spoil.
        context: Adjacent sections on each side.
        noise_hu: Range of the noise SD over a patch, drawn uniformly in its logarithm.
        kernels: Kernels for reconstructed noise and its anatomy.
        largest_section_mixing: Weight of both neighbours when sections overlap; 0.35 gives a correlation of 0.56.
        measured_share: Share of pairs with measured noise, if there is any.
        clipped_share: Share of pairs whose input is clipped at −1024 HU as many scanners do.
        twins: Pairs 0 and 1, 2 and 3, and so on show the same anatomy at the same level, each with noise of its own.
    """

    side: int = 96
    margin: int = 16
    context: int = 3
    noise_hu: tuple[float, float] = (8.0, 150.0)
    kernels: KernelFamily = field(default_factory=KernelFamily)
    largest_section_mixing: float = 0.35
    measured_share: float = 0.3
    clipped_share: float = 0.5
    twins: bool = False


class PairSampler:
    """Draws batches of training pairs; a `BatchSource`."""

    def __init__(self, material: Material, options: PairOptions, *, seed: int) -> None:
        """Choose the pairs that belong to `seed`."""
        self._material = material
        self._options = options
        self._seed = seed

    def draw(self, numbers: Sequence[int]) -> Batch:
        """Draw the pairs of these numbers; the measured share of them carries noise of real series. Thread-safe."""
        sections, noise, level = zip(*(self._draw(number).pair() for number in numbers), strict=True)
        return Batch(torch.cat(sections), torch.cat(noise), torch.tensor(level))

    def _draw(self, number: int) -> _Draw:
        if not self._options.twins:
            chance = np.random.default_rng([self._seed, number])
            return _Draw(self._material, self._options, chance, chance)
        shared = np.random.default_rng([self._seed, number // 2])
        return _Draw(self._material, self._options, shared, np.random.default_rng([self._seed, number, 1]))


class _Draw:
    """One pair: chance decides on all that twins have in common, `noise_chance` on the noise."""

    def __init__(
        self, material: Material, options: PairOptions, chance: np.random.Generator, noise_chance: np.random.Generator
    ) -> None:
        self._material = material
        self._options = options
        self._rng = chance
        self._noise_rng = noise_chance

    def pair(self) -> tuple[Tensor, Tensor, float]:
        """Noisy sections, noise of the centre section, both with a batch axis in front, and the SD of the noise."""
        measured = self._material.measured_noise and self._rng.random() < self._options.measured_share
        anatomy, noise = self._with_measured_noise() if measured else self._with_reconstructed_noise()
        return self._assembled(anatomy, noise)

    def _with_reconstructed_noise(self) -> tuple[Tensor, Tensor]:
        kernel = self._options.kernels.draw(1, self._padded_side, self._rng)
        return apply_kernel(self._anatomy(), kernel), apply_kernel(self._reconstructed_noise(), kernel)

    def _with_measured_noise(self) -> tuple[Tensor, Tensor]:
        kernel = self._material.measured_kernels.draw(1, self._padded_side, self._rng)
        noise, weight = self._measured_noise()
        filler = apply_kernel(self._reconstructed_noise(), kernel)
        level = ((weight * noise**2).sum() / weight.sum()).sqrt()
        filler *= level / filler.std()
        # Independent noises add in variance, so the two weights are those of a rotation.
        mixed = weight * noise + (1 - weight**2).sqrt() * filler
        return apply_kernel(self._anatomy(), kernel), mixed

    def _assembled(self, anatomy: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, float]:
        options, rng = self._options, self._rng
        inner = slice(options.margin, options.margin + options.side)
        anatomy, noise = anatomy[..., inner, inner], noise[..., inner, inner]
        level = float(np.exp(rng.uniform(*np.log(options.noise_hu))))
        noisy = anatomy + noise * (level / noise.std())
        floor = LOWEST_HU if rng.random() < options.clipped_share else 2 * LOWEST_HU
        noisy = noisy.clamp(floor, HIGHEST_HU)
        centre = slice(options.context, options.context + 1)
        return noisy, noisy[:, centre] - anatomy[:, centre], level

    @property
    def _padded_side(self) -> int:
        return self._options.side + 2 * self._options.margin

    def _anatomy(self) -> Tensor:
        groups = self._material.anatomy
        group = groups[int(self._rng.integers(len(groups)))]
        for _ in range(8):
            window = self._window(group[int(self._rng.integers(len(group)))], self._rng)
            if (window[self._options.context] > -950).mean() > 0.3:
                break
        return _as_batch(_turned(window, self._rng))

    def _reconstructed_noise(self) -> Tensor:
        rng = self._noise_rng
        volumes = self._material.reconstructed_noise
        volume = volumes[int(rng.integers(len(volumes)))]
        window = _turned(self._window(volume, rng), rng).astype(np.float32)
        mixing = np.float32(rng.uniform(0, self._options.largest_section_mixing))
        # Periodic in the sections: a window of independent noise stays one.
        return _as_batch(window + mixing * (np.roll(window, 1, axis=0) + np.roll(window, -1, axis=0)))

    def _measured_noise(self) -> tuple[Tensor, Tensor]:
        rng = self._noise_rng
        maps = self._material.measured_noise
        options = [maps[int(rng.integers(len(maps)))] for _ in range(12)]
        places = [self._place(chosen.noise.shape, rng) for chosen in options]
        weights = [chosen.weight[place] for chosen, place in zip(options, places, strict=True)]
        best = int(np.argmax([weight.mean() for weight in weights]))
        both = np.stack([options[best].noise[places[best]], weights[best]], axis=-1)
        noise, weight = np.moveaxis(_turned(both, rng), -1, 0)
        return _as_batch(noise), _as_batch(np.clip(weight, 1e-6, 1))

    def _window(self, volume: NDArray[np.generic], rng: np.random.Generator) -> NDArray[np.generic]:
        return volume[self._place(volume.shape, rng)]

    def _place(self, shape: tuple[int, ...], rng: np.random.Generator) -> tuple[slice, ...]:
        """A window of sections at a random place, along all three axes."""
        sizes = (2 * self._options.context + 1, self._padded_side, self._padded_side)
        starts = [int(rng.integers(side - size + 1)) for side, size in zip(shape, sizes, strict=True)]
        return tuple(slice(start, start + size) for start, size in zip(starts, sizes, strict=True))


def _turned(window: NDArray[np.generic], rng: np.random.Generator) -> NDArray[np.generic]:
    """One of the 16 flips and quarter turns, sections included."""
    turns, flip_rows, flip_sections = rng.integers((4, 2, 2))
    window = np.rot90(window, turns, axes=(1, 2))
    window = window[:, ::-1] if flip_rows else window
    return np.ascontiguousarray(window[::-1] if flip_sections else window)


def _as_batch(window: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(window, dtype=np.float32))[None]
