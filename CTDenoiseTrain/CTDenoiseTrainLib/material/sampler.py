"""Training pairs: sharp anatomy plus noise of the same kernel, drawn at random and deterministic under a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..noise.noise_map import NoiseMap
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
    """

    side: int = 96
    margin: int = 16
    context: int = 3
    noise_hu: tuple[float, float] = (8.0, 150.0)
    kernels: KernelFamily = field(default_factory=KernelFamily)
    largest_section_mixing: float = 0.35
    measured_share: float = 0.3
    clipped_share: float = 0.5


@dataclass(frozen=True)
class Batch:
    """A batch of pairs.

    Attributes:
        sections: Noisy input in HU, shape (n, 2 · context + 1, side, side).
        noise: Noise of the centre section in HU, shape (n, 1, side, side).
        noise_hu: SD of the noise of each pair in HU, shape (n,).
    """

    sections: Tensor
    noise: Tensor
    noise_hu: Tensor


class PairSampler:
    """Draws batches of training pairs."""

    def __init__(self, material: Material, options: PairOptions, *, seed: int) -> None:
        """Start the sequence of pairs that belongs to `seed`."""
        self._material = material
        self._options = options
        self._rng = np.random.default_rng(seed)

    def draw(self, count: int) -> Batch:
        """Draw `count` pairs, of which the measured share carries noise of real series."""
        options = self._options
        measured = round(count * options.measured_share) if self._material.measured_noise else 0
        parts = [self._draw_reconstructed(count - measured)]
        if measured:
            parts.append(self._draw_measured(measured))
        anatomy = torch.cat([part[0] for part in parts])
        noise = torch.cat([part[1] for part in parts])
        return self._assemble(anatomy, noise)

    def _draw_reconstructed(self, count: int) -> tuple[Tensor, Tensor]:
        options = self._options
        kernel = options.kernels.draw(count, self._padded_side, self._rng)
        noise = torch.from_numpy(np.stack([self._reconstructed_noise() for _ in range(count)]))
        return apply_kernel(self._anatomy(count), kernel), apply_kernel(noise, kernel)

    def _draw_measured(self, count: int) -> tuple[Tensor, Tensor]:
        kernel = self._material.measured_kernels.draw(count, self._padded_side, self._rng)
        drawn = [self._measured_noise() for _ in range(count)]
        noise, weight = (torch.from_numpy(np.stack([pair[part] for pair in drawn])) for part in (0, 1))
        filler = torch.from_numpy(np.stack([self._reconstructed_noise() for _ in range(count)]))
        filler = apply_kernel(filler, kernel)
        level = ((weight * noise**2).sum((1, 2, 3)) / weight.sum((1, 2, 3))).sqrt()
        filler *= (level / filler.std((1, 2, 3)))[:, None, None, None]
        # Independent noises add in variance, so the two weights are those of a rotation.
        mixed = weight * noise + (1 - weight**2).sqrt() * filler
        return apply_kernel(self._anatomy(count), kernel), mixed

    def _assemble(self, anatomy: Tensor, noise: Tensor) -> Batch:
        options, rng = self._options, self._rng
        inner = slice(options.margin, options.margin + options.side)
        anatomy, noise = anatomy[..., inner, inner], noise[..., inner, inner]
        low, high = np.log(options.noise_hu)
        level = torch.from_numpy(np.exp(rng.uniform(low, high, len(noise))).astype(np.float32))
        noisy = anatomy + noise * (level / noise.std((1, 2, 3)))[:, None, None, None]
        floor = np.where(rng.random(len(noise)) < options.clipped_share, LOWEST_HU, 2 * LOWEST_HU)
        lower = torch.from_numpy(floor.astype(np.float32))[:, None, None, None]
        noisy = torch.minimum(torch.maximum(noisy, lower), torch.tensor(HIGHEST_HU))
        centre = slice(options.context, options.context + 1)
        return Batch(sections=noisy, noise=noisy[:, centre] - anatomy[:, centre], noise_hu=level)

    @property
    def _padded_side(self) -> int:
        return self._options.side + 2 * self._options.margin

    def _anatomy(self, count: int) -> Tensor:
        return torch.from_numpy(np.stack([self._anatomy_window() for _ in range(count)]))

    def _anatomy_window(self) -> NDArray[np.float32]:
        groups = self._material.anatomy
        group = groups[int(self._rng.integers(len(groups)))]
        for _ in range(8):
            window = self._window(group[int(self._rng.integers(len(group)))])
            if (window[self._options.context] > -950).mean() > 0.3:
                break
        return self._turned(window).astype(np.float32)

    def _reconstructed_noise(self) -> NDArray[np.float32]:
        volumes = self._material.reconstructed_noise
        volume = volumes[int(self._rng.integers(len(volumes)))]
        window = self._turned(self._window(volume)).astype(np.float32)
        mixing = np.float32(self._rng.uniform(0, self._options.largest_section_mixing))
        # Periodic in the sections: a window of independent noise stays one.
        return window + mixing * (np.roll(window, 1, axis=0) + np.roll(window, -1, axis=0))

    def _measured_noise(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        maps = self._material.measured_noise
        options = [maps[int(self._rng.integers(len(maps)))] for _ in range(12)]
        places = [self._place(chosen.noise.shape) for chosen in options]
        weights = [chosen.weight[place] for chosen, place in zip(options, places, strict=True)]
        best = int(np.argmax([weight.mean() for weight in weights]))
        noise, weight = self._turned(np.stack([options[best].noise[places[best]], weights[best]], axis=-1)).transpose(
            3, 0, 1, 2
        )
        return np.ascontiguousarray(noise), np.clip(weight, 1e-6, 1)

    def _window(self, volume: NDArray[np.generic]) -> NDArray[np.generic]:
        return volume[self._place(volume.shape)]

    def _place(self, shape: tuple[int, ...]) -> tuple[slice, ...]:
        """A window of sections at a random place, along all three axes."""
        sizes = (2 * self._options.context + 1, self._padded_side, self._padded_side)
        starts = [int(self._rng.integers(side - size + 1)) for side, size in zip(shape, sizes, strict=True)]
        return tuple(slice(start, start + size) for start, size in zip(starts, sizes, strict=True))

    def _turned(self, window: NDArray[np.generic]) -> NDArray[np.generic]:
        """One of the 16 flips and quarter turns, sections included."""
        turns, flip_rows, flip_sections = self._rng.integers((4, 2, 2))
        window = np.rot90(window, turns, axes=(1, 2))
        window = window[:, ::-1] if flip_rows else window
        return np.ascontiguousarray(window[::-1] if flip_sections else window)
