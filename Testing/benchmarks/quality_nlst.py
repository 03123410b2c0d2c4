"""The NLST chest: a real low-dose exam with a sharp kernel; figures only where nothing was given to training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.quality_data import Column, Crop, Figures, Goal, Outputs, Stack, Trial
from benchmarks.quality_methods import Method, Picture
from benchmarks.quality_regions import Disc, Regions, image_of
from CTDenoiseLib.measure.audit.edge_ratio import EdgeRatioMeter, edge_masks
from CTDenoiseLib.measure.small_vessels.retention import VesselTest, retention_map
from CTDenoiseLib.measure.small_vessels.vessels import Vessel
from CTDenoiseTrainLib.evaluation import detrended
from CTDenoiseTrainLib.recipes.real_series import RealSeries

FOLDER = "nlst_chest_low_dose_fc51"
SECTIONS = (4, 12, 20, 26, 30, 40, 52)
LIVER = (Disc(4, 240, 90, 25), Disc(12, 240, 110, 25), Disc(20, 240, 120, 25), Disc(30, 185, 125, 25))
# Smaller than the vessel: its wall is calcified.
AORTA = (Disc(4, 222, 262, 9), Disc(12, 227, 268, 9), Disc(26, 245, 270, 9), Disc(30, 254, 273, 9))
VESSEL_SECTION = 12
VESSELS = VesselTest(section=VESSEL_SECTION, diameters_mm=(1.0, 2.0), contrasts_hu=(100.0, 300.0), sites_each=16)
NOISE_REDUCTION, EDGE_RATIO, BIAS_HU = 70.0, 1.5, 2.0
SOFT_TISSUE = (-160.0, 240.0)


def _vessel_key(vessel: Vessel) -> str:
    return f"vessel_{vessel.diameter:g}_{vessel.contrast:g}"


class NlstChest:
    """See `DataSet`.

    Args:
        data: Folder that holds that of the series.
    """

    name, title = "nlst", "NLST chest, low dose, kernel FC51 (real)"
    rivals: tuple[str, ...] = ()
    columns = (
        Column("liver", "Noise reduction, liver", "%"),
        Column("aorta", "Noise reduction, aorta", "%"),
        Column("edges", "Edge ratio of the residual", digits=2),
        Column("bias", "HU bias, liver or aorta", "HU", 2),
        Column("disc", "Largest shift of one disc", "HU", 2),
        Column("flat", "Noise reduction, flat soft tissue", "%"),
        *(
            Column(_vessel_key(vessel), f"Kept of vessels {vessel.diameter:g} mm, {vessel.contrast:g} HU", "%", 0)
            for vessel in VESSELS.kinds
        ),
    )

    def __init__(self, data: Path) -> None:
        self._real = RealSeries.read(data / FOLDER)
        unknown = set(SECTIONS) - set(self._real.for_figures)
        assert not unknown, f"Sections {unknown} gave noise to training"
        hu, spacing = np.asarray(self._real.volume.hu), self._real.volume.geometry.spacing
        self._liver, self._aorta = (Regions(discs, SECTIONS, spacing) for discs in (LIVER, AORTA))
        chest = image_of(hu, SECTIONS, self._liver)
        self.images = {"chest": chest}
        self._input = chest.input
        words = f"a noise reduction of {NOISE_REDUCTION:g} % in the liver"
        self.trial = Trial((("chest", SECTIONS.index(12)),), self._far_off, words)
        pixels = spacing[1:]
        self.crops = (
            Crop("chest", SECTIONS.index(12), slice(120, 320), slice(60, 330), SOFT_TISSUE, pixels),
            Crop("chest", SECTIONS.index(40), slice(150, 350), slice(60, 330), (-1150.0, 350.0), pixels),
        )
        self.notes = (
            f"{self._real.description}; sections {', '.join(str(index) for index in SECTIONS)} of the volume, from the "
            "lowest. Sections of instances 1 to 70 gave noise to the training of our models and of RED-CNN.",
            f"Noise is the standard deviation in {len(LIVER)} discs of {2 * LIVER[0].radius * pixels[0]:.0f} mm in the "
            f"liver and {len(AORTA)} of {2 * AORTA[0].radius * pixels[0]:.0f} mm inside the aorta: "
            f"{self._liver.noise(self._input):.1f} and {self._aorta.noise(self._input):.1f} HU in the input. Flat soft "
            "tissue is measured as the cards do it, without what varies slowly.",
            "HU bias is the mean shift of the discs of an organ, the larger one of liver and aorta. A small disc alone "
            "also shifts by the mean of its own noise, which a good method takes away.",
            f"Vessels were drawn into the liver of section {VESSEL_SECTION} as the image shows them, and looked for in "
            "the output.",
        )

    def figures(self, outputs: Outputs) -> Figures:
        """See `DataSet`."""
        output = outputs["chest"]
        liver, aorta = (regions.shifts(self._input, output) for regions in (self._liver, self._aorta))
        return {
            "liver": self._liver.noise_reduction(self._input, output),
            "aorta": self._aorta.noise_reduction(self._input, output),
            "bias": max(abs(float(np.mean(shifts))) for shifts in (liver, aorta)),
            "disc": max(abs(shift) for shift in (*liver, *aorta)),
            **self._edges_and_flat(output),
        }

    def further_figures(self, method: Method) -> Figures:
        """What is left of vessels."""
        noise = self.images["chest"].noise[SECTIONS.index(VESSEL_SECTION)]
        kept = retention_map(
            lambda window: method.denoise(window, noise), self._real.volume, context=method.context, test=VESSELS
        )
        return {_vessel_key(cell.vessel): 100 * cell.share for cell in kept.cells}

    def references(self) -> Mapping[str, Figures]:
        """None."""
        return {}

    def goals(self, rows: Mapping[str, Figures]) -> Mapping[str, Goal]:
        """See `DataSet`."""
        noise = Goal(NOISE_REDUCTION, at_most=False)
        return {
            "liver": noise,
            "aorta": noise,
            "edges": Goal(EDGE_RATIO, at_most=True),
            "bias": Goal(BIAS_HU, at_most=True),
        }

    def _far_off(self, image: str, place: int, section: Picture) -> float:
        output = self._input.copy()
        output[place] = section
        here = self._liver.of_section(SECTIONS[place])
        return abs(here.noise_reduction(self._input, output) - NOISE_REDUCTION)

    def _edges_and_flat(self, output: Stack) -> dict[str, float | None]:
        meter = EdgeRatioMeter()
        squares = np.zeros(2)
        for before, after in zip(self._input, output, strict=True):
            masks = edge_masks(before)
            if masks is None:
                continue
            meter.add(masks, before - after)
            squares += [np.square(detrended(image, masks.flat), dtype=np.float64).sum() for image in (before, after)]
        found = meter.result()
        return {
            "edges": None if found is None else found.ratio,
            "flat": 100 * (1 - float(np.sqrt(squares[1] / squares[0]))),
        }
