"""The real series that gives noise and figures: the NLST chest, split by instance number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.volume import Volume

from ..noise.adjacent_sections import adjacent_section_noise
from ..noise.noise_map import NoiseMap
from ..retention import Vessel, VesselSite

NOISE_SECTIONS = 70
LARGEST_CONTEXT = 3
SERIES_UID = "1.2.840.113654.2.55.214483182570512319377495527619089952642"
LIVER = VesselSite(
    section=12,
    centres=tuple((row, column) for row in range(216, 272, 14) for column in range(86, 142, 14)),
    words=f"liver of NLST chest series {SERIES_UID}, instance 131, noise about 50 HU",
)
VESSELS = tuple(Vessel(diameter, contrast) for diameter in (2, 4) for contrast in (100, 300))


@dataclass(frozen=True)
class RealSeries:
    """The real series: noise from the first sections, figures from the others.

    Attributes:
        volume: All sections.
        for_noise: Indices along z that may give noise.
        for_figures: Indices along z that are only looked at.
        description: The series and its sections that the figures are taken on, in words.
        liver: Where vessels can be drawn, if there is such a place.
    """

    volume: Volume
    for_noise: tuple[int, ...]
    for_figures: tuple[int, ...]
    description: str
    liver: VesselSite | None = None

    @classmethod
    def read(cls, folder: Path) -> RealSeries:
        """Read the NLST series from a folder."""
        series = choose_series(find_series(folder), SERIES_UID)
        by_instance = sorted(range(len(series.slices)), key=lambda index: series.slices[index].instance_number or 0)
        # Sections whose context window reaches into those that gave noise are not looked at either.
        first = NOISE_SECTIONS + LARGEST_CONTEXT
        return cls(
            volume=read_series(series),
            for_noise=tuple(sorted(by_instance[:NOISE_SECTIONS])),
            for_figures=tuple(sorted(by_instance[first:])),
            description=f"NLST chest series {SERIES_UID}, instances {first + 1} and up",
            liver=LIVER,
        )

    def noise_map(self) -> NoiseMap:
        """Noise of the sections that may give it."""
        return adjacent_section_noise(np.ascontiguousarray(self.volume.hu[list(self.for_noise)]))
