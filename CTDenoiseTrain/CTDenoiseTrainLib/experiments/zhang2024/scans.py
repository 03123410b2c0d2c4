"""The scans: what each simulated scanner makes of the pictures, in HU.

Rays through a picture are longer the larger its pixels are, and that is all that a resolution changes before noise
comes in: so a picture is projected once, and its line integrals are scaled. Without noise the reconstruction in HU is
the same at all resolutions; it is the truth that images are held against.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.inference.paces import cache_folder

from ...material.chests import open_chests
from ...simulate.attenuation import attenuation_of, hu_of
from ...simulate.counts import noisy_line_integrals
from ...simulate.filtered_back_projection import reconstruct
from ...simulate.kernels import RAM_LAK
from ...simulate.projection import project
from ...simulate.scan import ParallelScan
from ..workbench import ExperimentError, Workbench
from .pictures import PARTS, Part, draw_pictures
from .settings import Resolution, Settings

Kind = Literal["input", "label"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Images = NDArray[np.float16]
"""HU, shape (n, y, x). Half precision is exact to 0.06 HU in soft tissue, and halves what is kept."""


@dataclass(frozen=True)
class Scans:
    """The scans of an experiment; each is made when it is first asked for, and then found again.

    Attributes:
        bench: Of the experiment.
        settings: Of the experiment.
    """

    bench: Workbench
    settings: Settings

    def prepare(self) -> None:
        """Make all that are not there yet, so that training and measuring do nothing else."""
        settings = self.settings
        wanted: list[tuple[Part, Resolution, Kind]] = [
            *(("training", resolution, kind) for resolution in settings.resolutions for kind in KINDS),
            *(("validation", settings.finest, kind) for kind in KINDS),
            *(("test", resolution, "input") for resolution in settings.resolutions),
        ]
        for part, resolution, kind in wanted:
            if not self.bench.stage_file(_stage(part, resolution, kind), ".npz").exists():
                self._noisy(part, resolution, kind)
        self.truth("test")

    def inputs(self, part: Part, resolution: Resolution) -> Images:
        """Noisy pictures of a part of the data."""
        return self._noisy(part, resolution, "input")

    def labels(self, part: Part, resolution: Resolution) -> Images:
        """The same with the photons of the label, and noise of their own."""
        return self._noisy(part, resolution, "label")

    def truth(self, part: Part) -> Images:
        """The same without noise."""

        def make() -> dict[str, Images]:
            lines = self._line_integrals(part)
            return {"hu": self._reconstructed(lambda index: lines[index], len(lines), self.settings.coarsest)}

        return self.bench.arrays(f"{part}-truth", make)["hu"]

    def _noisy(self, part: Part, resolution: Resolution, kind: Kind) -> Images:
        settings = self.settings
        numbers = PARTS.index(part), settings.resolutions.index(resolution), KINDS.index(kind)
        photons = resolution.input_photons if kind == "input" else resolution.label_photons

        def make() -> dict[str, Images]:
            lines = self._line_integrals(part)
            longer = np.float32(resolution.pixel_um / settings.coarsest.pixel_um)

            def measured(index: int) -> NDArray[np.float32]:
                rng = np.random.default_rng([settings.seed, *numbers, index])
                return noisy_line_integrals(lines[index] * longer, photons=photons, rng=rng)

            return {"hu": self._reconstructed(measured, len(lines), resolution)}

        return self.bench.arrays(_stage(part, resolution, kind), make)["hu"]

    def _line_integrals(self, part: Part) -> NDArray[np.float32]:
        """At the coarsest resolution, shape (n, views, rays)."""
        settings = self.settings
        counts = (settings.training_pictures, settings.validation_pictures, settings.test_pictures)

        def make() -> dict[str, NDArray[np.float32]]:
            chests = self._chests()
            count = counts[PARTS.index(part)]
            pictures = draw_pictures(chests, part, count=count, matrix=settings.matrix, seed=settings.seed)
            scan, pixel_mm = self._scan(settings.coarsest), settings.coarsest.pixel_mm
            done = self._by_threads(
                lambda index: project(attenuation_of(pictures[index]), pixel_mm=pixel_mm, scan=scan), count
            )
            return {"lines": np.stack(list(done))}

        return self.bench.arrays(f"{part}-lines", make)["lines"]

    def _chests(self) -> list[NDArray[np.float32]]:
        folder = self.bench.data or cache_folder() / "lung"
        chests = open_chests(folder)
        if len(chests) < 2:
            raise ExperimentError(
                f"“{folder}” holds {len(chests)} of the two chests of `ctdenoise sample lung`, and test pictures must "
                "be of another patient than those trained on; name another folder with --data, or a new one to fetch "
                "them."
            )
        return chests

    def _reconstructed(
        self, measured: Callable[[int], NDArray[np.float32]], count: int, resolution: Resolution
    ) -> Images:
        scan, matrix = self._scan(resolution), self.settings.matrix

        def image(index: int) -> Images:
            attenuation = reconstruct(
                measured(index), scan=scan, kernel=RAM_LAK, matrix=matrix, pixel_mm=resolution.pixel_mm
            )
            return hu_of(attenuation).astype(np.float16)

        return np.stack(list(self._by_threads(image, count)))

    def _scan(self, resolution: Resolution) -> ParallelScan:
        settings = self.settings
        return ParallelScan(views=settings.views, rays=settings.matrix, ray_spacing_mm=resolution.pixel_mm)

    def _by_threads(self, make: Callable[[int], NDArray[np.generic]], count: int) -> Iterable[NDArray[np.generic]]:
        """Pictures in their order; projection and back-projection leave the interpreter to others."""
        threads = ThreadPoolExecutor(os.cpu_count())
        try:
            for index, picture in enumerate(threads.map(make, range(count))):
                yield picture
                self.bench.watcher.count(index + 1, count)
        finally:
            # Whoever stops the experiment does not wait for pictures that are not begun.
            threads.shutdown(cancel_futures=True)


def _stage(part: Part, resolution: Resolution, kind: Kind) -> str:
    return f"{part}-{resolution.key}-{kind}"
