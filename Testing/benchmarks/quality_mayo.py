"""Single sections of a patient at a quarter of the dose, against the same sections at full dose."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.quality_data import Column, Crop, Figures, Goal, Image, Outputs, Stack, Trial
from benchmarks.quality_methods import BlockMatching, Method, NonLocalMeans, Picture, Unchanged
from benchmarks.quality_noise import Noise
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.likeness.similarity import similarity
from CTDenoiseLib.measure.measured import Measured
from CTDenoiseLib.measure.noise.nps_regions import square_regions
from CTDenoiseLib.measure.regions.shapes import LabelShape
from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.pairs.body import body_tissues

FOLDER, PATIENT = "mayo_dose_pairs", "L143"
KERNELS = ("D45f", "B30f")
WINDOW = (-160.0, 240.0)
# Noise was added to the full dose until its variance was four times as large: what was added is three quarters of it.
_ALL_OVER_ADDED = 4 / 3
_SQUARES_PIXELS = 32


class MayoPairs:
    """See `DataSet`.

    Args:
        data: Folder that holds that of the pairs.
    """

    name, title = "mayo", f"Mayo {PATIENT}, quarter dose (real)"
    rivals = (NonLocalMeans.name, BlockMatching.name)
    columns = tuple(
        column
        for kernel in KERNELS
        for column in (
            Column(f"{kernel}_rmse", f"{kernel}: RMSE", "HU", 2),
            Column(f"{kernel}_ssim", f"{kernel}: SSIM", digits=4),
            Column(f"{kernel}_rmse_all", f"{kernel}: RMSE, not clipped", "HU", 2),
        )
    )

    def __init__(self, data: Path) -> None:
        self._full: dict[str, Stack] = {}
        self.images: dict[str, Image] = {}
        for kernel in KERNELS:
            full, quarter = (
                _sections(data / FOLDER / dose, kernel, end) for dose, end in (("full", "FD"), ("quarter", "QD"))
            )
            noise = tuple(
                _noise(one.hu[0], other.hu[0], one.geometry) for one, other in zip(full, quarter, strict=True)
            )
            self._full[kernel] = np.concatenate([volume.hu for volume in full])
            hu = np.concatenate([volume.hu for volume in quarter])
            self.images[kernel] = Image(hu, tuple(range(len(hu))), noise, alone=True)
            spacing = full[0].geometry.spacing[1:]
        # The upper abdomen, the same place in both kernels.
        shown = {"D45f": 3, "B30f": 3}
        self.trial = Trial(tuple(shown.items()), self._far_off, "the least RMSE in one section of each kernel")
        self.crops = tuple(
            Crop(
                kernel,
                place,
                slice(120, 360),
                slice(20, 320),
                WINDOW,
                spacing,
                ("full dose", self._full[kernel][place]),
            )
            for kernel, place in shown.items()
        )
        counts = " and ".join(f"{len(self._full[kernel])} sections of {kernel}" for kernel in KERNELS)
        self.notes = (
            f"{counts}, evaluation only. RMSE and SSIM against full dose are taken of HU clipped to {WINDOW[0]:g} to "
            f"{WINDOW[1]:g} HU, with that as the range of data; “not clipped” is the RMSE of all HU.",
            "The sections are no neighbours of each other: models of seven sections are given one of them seven times, "
            "and cannot show what they can do.",
            "Full dose is noisy itself, and its noise is part of that at a quarter of the dose: a method that leaves "
            "some noise comes nearer to it than one that takes all away, by RMSE and SSIM alike.",
            "Non-local means and BM3D are told the true noise of each section, from quarter − full dose.",
        )

    def figures(self, outputs: Outputs) -> Figures:
        """See `DataSet`."""
        figures: dict[str, float | None] = {}
        for kernel, full in self._full.items():
            clipped = similarity(full, outputs[kernel], window=WINDOW)
            figures[f"{kernel}_rmse"] = clipped.rmse
            figures[f"{kernel}_ssim"] = clipped.ssim.value if isinstance(clipped.ssim, Measured) else None
            figures[f"{kernel}_rmse_all"] = similarity(full, outputs[kernel]).rmse
        return figures

    def further_figures(self, method: Method) -> Figures:
        """None."""
        return {}

    def references(self) -> Mapping[str, Figures]:
        """None."""
        return {}

    def goals(self, rows: Mapping[str, Figures]) -> Mapping[str, Goal]:
        """To be better than the input, non-local means and BM3D, as far as they are there."""
        goals = {}
        for column in self.columns:
            known = [rows[name][column.key] for name in (Unchanged.name, *self.rivals) if name in rows]
            values = [value for value in known if value is not None]
            lower_is_better = not column.key.endswith("ssim")
            goals[column.key] = Goal(min(values) if lower_is_better else max(values), lower_is_better, strictly=True)
        return goals

    def _far_off(self, image: str, place: int, section: Picture) -> float:
        return similarity(self._full[image][place], section, window=WINDOW).rmse


def _sections(folder: Path, kernel: str, end: str) -> list[Volume]:
    files = sorted(folder.glob(f"{PATIENT}_{kernel}_*_{end}.IMA"))
    if not files:
        raise DataError(f"“{folder}” holds no sections of {PATIENT} with kernel {kernel}; --data names another place.")
    return [read_series(find_series(file).series[0]) for file in files]


def _noise(full: Picture, quarter: Picture, geometry: Geometry) -> Noise:
    """The noise of a section of quarter dose, from all of the body."""
    added = (quarter - full)[np.newaxis]
    image = MeasuredImage("", added, Grid.of(Geometry(spacing=geometry.spacing), added.shape))
    tissues = body_tissues(full)
    if tissues is None:
        raise DataError("A section of full dose shows no body.")
    squares = square_regions(LabelShape(tissues.body[np.newaxis], image.grid), image, side_pixels=_SQUARES_PIXELS)
    noise = Noise.of(squares.spectrum(image, detrend=0), geometry.spacing[1:])
    return noise.of_level(noise.deviation * math.sqrt(_ALL_OVER_ADDED))
