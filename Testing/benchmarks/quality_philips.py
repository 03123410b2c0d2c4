"""One scan of a head phantom with two kernels: the sharp image, denoised, against the smooth one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.quality_data import Column, Crop, Figures, Goal, Outputs, Stack, Trial
from benchmarks.quality_methods import Method, Picture
from benchmarks.quality_regions import Disc, Regions, image_of
from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.measured import Measured
from CTDenoiseLib.measure.profiles.path import ProfilePath
from CTDenoiseLib.measure.profiles.profile import ProfileSettings, sample_profiles
from CTDenoiseLib.measure.profiles.profile_features import ProfileFeatures, profile_features
from CTDenoiseLib.measure.resolution.ttf_disc import disc_ttf
from CTDenoiseLib.volume import Geometry

FOLDER, SHARP, SMOOTH = "philips_head_phantom_kernel_pair", "YA_sharp", "UB_smooth_iDose"
REFERENCE = "kernel UB, iDose"
SECTIONS = (12, 25, 36, 37, 38)
INSERTS = (
    Disc(12, 313, 292, 18), Disc(12, 190, 240, 15), Disc(12, 155, 240, 15), Disc(25, 315, 294, 12),
    Disc(25, 240, 250, 12), Disc(25, 194, 287, 12), Disc(36, 187, 204, 18), Disc(38, 197, 285, 12),
)  # fmt: skip
SPHERE_SECTIONS, SPHERE_CENTRE, SPHERE_RADIUS_MM = (36, 37), (187.0, 204.0), 12.6
# Where lines cross the skull at right angles: direction from the middle in degrees, distance from there in pixels.
MIDDLE = (235.0, 258.0)
SKULL = {
    0: 133, 22.5: 149, 45: 163, 90: 186, 112.5: 189, 135: 182, 157.5: 170, 180: 155, 202.5: 154, 247.5: 191, 270: 188,
    337.5: 130,
}  # fmt: skip
SKULL_SECTIONS, HALF_LENGTH, WIDTH_MM = (25, 38), 28, 3.0
FEWEST_LINES = 20
BIAS_HU = 2.0


class PhilipsHead:
    """See `DataSet`.

    Args:
        data: Folder that holds that of the phantom.
    """

    name, title = "philips", "Philips head phantom, sharp kernel YA (real)"
    rivals: tuple[str, ...] = ()
    columns = (
        Column("noise", "Noise", "HU"),
        Column("slope", "Edge slope of the skull", "HU/mm", 0),
        Column("distance", "Edge distance of the skull, 10–90 %", "mm", 2),
        Column("bias", "Largest HU bias of an insert", "HU", 2),
        Column("f50", "TTF 50 %, sphere", "mm⁻¹", 2),
        Column("reduction", "Noise reduction", "%"),
    )

    def __init__(self, data: Path) -> None:
        sharp, smooth = (
            read_series(choose_series(find_series(data / FOLDER / kernel), None)) for kernel in (SHARP, SMOOTH)
        )
        self._spacing = sharp.geometry.spacing
        self._inserts = Regions(INSERTS, SECTIONS, self._spacing)
        head = image_of(np.asarray(sharp.hu), SECTIONS, self._inserts)
        self.images = {"head": head}
        self._input = head.input
        self._smooth: Stack = np.asarray(smooth.hu[list(SECTIONS)])
        place = SECTIONS.index(12)
        words = f"the noise of the {REFERENCE} in section 12"
        self.trial = Trial((("head", place),), self._far_off, words)
        reference = (REFERENCE, self._smooth[place])
        pixels = self._spacing[1:]
        self.crops = (
            Crop("head", place, slice(110, 350), slice(130, 350), (0.0, 200.0), pixels, reference),
            Crop("head", place, slice(25, 125), slice(190, 330), (-1000.0, 1000.0), pixels, reference),
        )
        self.notes = (
            f"Sections {', '.join(str(index) for index in SECTIONS)} of the volume. Noise is the standard deviation in "
            f"{len(INSERTS)} discs in inserts, root mean square; bias is the change of their means.",
            f"Edges: {len(SKULL)} lines {WIDTH_MM:g} mm wide across the skull in each of {len(SKULL_SECTIONS)} "
            f"sections, mean over the lines that can be measured, {FEWEST_LINES} at least.",
        )

    def figures(self, outputs: Outputs) -> Figures:
        """See `DataSet`."""
        output = outputs["head"]
        slope, distance = self._skull(output)
        sphere = output[[SECTIONS.index(section) for section in SPHERE_SECTIONS]]
        found = disc_ttf(sphere, pixel_spacing=self._spacing[1:], radius_mm=SPHERE_RADIUS_MM, centre=SPHERE_CENTRE)
        return {
            "noise": self._inserts.noise(output),
            "slope": slope,
            "distance": distance,
            "bias": max(abs(shift) for shift in self._inserts.shifts(self._input, output)),
            "f50": found.f50.value if isinstance(found.f50, Measured) else None,
            "reduction": self._inserts.noise_reduction(self._input, output),
        }

    def further_figures(self, method: Method) -> Figures:
        """None."""
        return {}

    def references(self) -> Mapping[str, Figures]:
        """The smooth image of the same scan."""
        return {REFERENCE: self.figures({"head": self._smooth})}

    def goals(self, rows: Mapping[str, Figures]) -> Mapping[str, Goal]:
        """See `DataSet`."""
        smooth = {key: value for key, value in rows[REFERENCE].items() if value is not None}
        return {
            "noise": Goal(smooth["noise"], at_most=True, strictly=True),
            "slope": Goal(smooth["slope"], at_most=False, strictly=True),
            "distance": Goal(smooth["distance"], at_most=True, strictly=True),
            "bias": Goal(BIAS_HU, at_most=True),
        }

    def _far_off(self, image: str, place: int, section: Picture) -> float:
        output = self._input.copy()
        output[place] = section
        here = self._inserts.of_section(SECTIONS[place])
        return abs(here.noise(output) - here.noise(self._smooth))

    def _skull(self, output: Stack) -> tuple[float, float] | tuple[None, None]:
        """Mean edge slope in HU/mm and mean 10–90 % distance in mm."""
        image = MeasuredImage("", output, Grid.of(Geometry(spacing=self._spacing), output.shape))
        slopes, distances = [], []
        for section in SKULL_SECTIONS:
            for degrees, radius in SKULL.items():
                found = _across_the_skull(image, SECTIONS.index(section), degrees, radius)
                if isinstance(found.edge_slope, Measured) and isinstance(found.edge_distance, Measured):
                    slopes.append(found.edge_slope.value)
                    distances.append(found.edge_distance.value)
        if len(slopes) < FEWEST_LINES:
            return None, None
        return float(np.mean(slopes)), float(np.mean(distances))


def _across_the_skull(image: MeasuredImage, place: int, degrees: float, radius: float) -> ProfileFeatures:
    outwards = np.array([np.sin(np.radians(degrees)), np.cos(np.radians(degrees))])
    ends = [(place, *(MIDDLE + outwards * (radius + step))) for step in (-HALF_LENGTH, HALF_LENGTH)]
    path = ProfilePath(image.grid.to_world(np.array(ends)))
    profiles = sample_profiles([image], path, ProfileSettings(width_mm=WIDTH_MM))
    return profile_features(profiles.distance_mm, profiles.hu[0])
