"""Retention map: how much of small vessels does a denoiser leave?

Vessels of stated diameter and contrast are inserted into uniform soft tissue of the real, noisy data, as the image's
own resolution would show them (`vessels`). The section is denoised with and without them. What is left of a vessel is
the difference of the two outputs, projected on the picture that was inserted (least squares), so that noise and anatomy
cancel: 100 % when the vessel is as strong in the output as in the input, 0 % when it is gone. Of a linear filter the
share is its transfer, weighted by the vessel's spectrum; of a network it depends on contrast and on the noise around,
hence many places of each kind and a standard error over them.

The share refers to the vessel *in the input image*. A vessel thinner than the resolution has less than its contrast
there already; its peak in the image is reported with it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import MeasurementError
from ..result_table import Column, ResultTable
from ..sampling import MeasurableVolume
from .edge_blur import LEAST_BLUR_PIXELS, edge_blur
from .vessel_sites import APART_MM, VesselSites, find_vessel_sites
from .vessels import Vessel, VesselDirection, VesselPainter

LARGEST_DIAMETER_MM = 3.0
FEWEST_SITES = 8
# Multiples of these, without whole numbers, fill a cube evenly: g⁻¹, g⁻² and g⁻³ for the root g of g⁴ = g + 1.
_EVEN_STEPS = (0.8191725134, 0.6710436067, 0.5497004779)

Denoise = Callable[[NDArray[np.float32]], NDArray[np.floating]]


class NoPlaceForVesselsError(MeasurementError):
    """There is too little uniform tissue to insert vessels into."""


@dataclass(frozen=True)
class VesselTest:
    """What is inserted where.

    Attributes:
        section: Index of the section to take; `None` takes the one with most places.
        diameters_mm: True diameters of the vessels, up to 3 mm.
        contrasts_hu: HU above the tissue.
        direction: Across the sections or within the section.
        blur_mm: Standard deviation of the image's resolution in mm; `None` estimates it from edges (`edge_blur`).
        sites_each: Vessels of each kind at least.

    Raises:
        ValueError: A diameter or contrast of zero or less, a diameter above 3 mm, a blur below zero, fewer than two
            vessels of each kind.
    """

    section: int | None = None
    diameters_mm: tuple[float, ...] = (0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
    contrasts_hu: tuple[float, ...] = (100.0, 300.0, 1000.0)
    direction: VesselDirection = VesselDirection.THROUGH_PLANE
    blur_mm: float | None = None
    sites_each: int = 12

    def __post_init__(self) -> None:
        if not all(0 < diameter <= LARGEST_DIAMETER_MM for diameter in self.diameters_mm):
            raise ValueError(f"Vessels are up to {LARGEST_DIAMETER_MM:g} mm wide, not {self.diameters_mm}.")
        if not all(contrast > 0 for contrast in self.contrasts_hu):
            raise ValueError(f"Vessels are brighter than the tissue around them, not by {self.contrasts_hu} HU.")
        if self.blur_mm is not None and not self.blur_mm >= 0:
            raise ValueError(f"The blur of an image is zero or more, not {self.blur_mm} mm.")
        if self.sites_each < 2:
            raise ValueError(f"A standard error needs two vessels of each kind or more, not {self.sites_each}.")

    @property
    def kinds(self) -> tuple[Vessel, ...]:
        """Every diameter with every contrast."""
        return tuple(itertools.starmap(Vessel, itertools.product(self.diameters_mm, self.contrasts_hu)))


@dataclass(frozen=True)
class RetainedContrast:
    """What is left of one kind of vessel.

    Attributes:
        vessel: Diameter in mm and contrast in HU.
        peak: Highest value of its picture in the input image in HU, mean over the sites.
        share: Part of it that is left, 1 for all.
        error: Standard error of `share` over the sites.
        sites: How many vessels of the kind were inserted.
    """

    vessel: Vessel
    peak: float
    share: float
    error: float
    sites: int

    @property
    def words(self) -> str:
        """Such as "1 mm, 300 HU: 87 %"."""
        return f"{self.vessel.diameter:g} mm, {self.vessel.contrast:g} HU: {100 * self.share:.0f} %"


@dataclass(frozen=True)
class RetentionMap:
    """What is left of vessels by diameter and contrast.

    Attributes:
        cells: One for each kind of vessel, by diameter and then contrast.
        section: Index of the section into which they were inserted.
        direction: How they ran.
        blur: Standard deviation in mm of the resolution with which they were painted.
        noise_hu: Noise level of the section in HU; `None` if it could not be measured.
    """

    cells: tuple[RetainedContrast, ...]
    section: int
    direction: VesselDirection
    blur: float
    noise_hu: float | None

    def words(self) -> tuple[str, ...]:
        """One phrase for each kind, such as "1 mm, 300 HU: 87 %"."""
        return tuple(cell.words for cell in self.cells)

    def table(self) -> ResultTable:
        """One row for each kind."""
        columns = (
            Column("diameter", "Diameter", "mm"),
            Column("contrast", "Contrast", "HU"),
            Column("peak", "Peak in the image", "HU"),
            Column("retained", "Retained", "%"),
            Column("error", "Standard error", "%"),
            Column("sites", "Vessels"),
        )
        rows = tuple(
            (cell.vessel.diameter, cell.vessel.contrast, cell.peak, 100 * cell.share, 100 * cell.error, cell.sites)
            for cell in self.cells
        )
        return ResultTable(f"Retained contrast of vessels {self.direction.value}", columns, rows)


def retention_map(
    denoise: Denoise,
    volume: MeasurableVolume,
    *,
    context: int,
    test: VesselTest | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> RetentionMap:
    """Measure how much of small vessels a denoiser leaves in one section of a real series.

    Denoises once without vessels, and as often with them as it takes for enough of each kind: three times in a section
    with eighty places.

    Args:
        denoise: Output for the middle one of adjacent sections in HU, from shape (2 × context + 1, y, x) to (y, x).
        volume: The real, noisy input.
        context: Sections that `denoise` looks at on either side; beyond the ends of the volume they are repeated.
        test: What is inserted where; `None` for the usual.
        on_progress: Called after each run of `denoise` with vessels: how many are done, and of how many.

    Raises:
        NoPlaceForVesselsError: There are fewer than eight places for vessels.

    Example:
        >>> retention_map(denoise, volume, context=3).words()[10]
        '1 mm, 300 HU: 87 %'
    """
    test = test or VesselTest()
    painter = VesselPainter(volume.geometry.spacing, _blur(volume, test), test.direction)
    widest = painter.reach(Vessel(max(test.diameters_mm), 0.0))
    apart = max(APART_MM, (2 * widest + 1) * max(painter.spacing[1:]))
    sites = find_vessel_sites(volume, section=test.section, apart=apart)
    places = len(sites.centres)
    if places < FEWEST_SITES:
        raise NoPlaceForVesselsError(
            f"Only {places} places of uniform soft tissue were found to insert vessels into, and {FEWEST_SITES} are "
            "needed; choose a section that shows liver, muscle or a uniform phantom."
        )
    inserted = _Insertion(denoise, _window(volume, sites.section, context), sites, painter)
    kinds = test.kinds
    found: dict[Vessel, list[tuple[float, float]]] = {kind: [] for kind in kinds}
    runs = math.ceil(test.sites_each * len(kinds) / places)
    # Another kind at each place in the next run, also when places are a multiple of kinds.
    step = places + (places % len(kinds) == 0)
    for run in range(runs):
        chosen = [kinds[(run * step + place) % len(kinds)] for place in range(places)]
        for vessel, share, peak in inserted.run(chosen):
            found[vessel].append((share, peak))
        if on_progress is not None:
            on_progress(run + 1, runs)
    cells = tuple(_cell(vessel, np.array(values)) for vessel, values in found.items())
    return RetentionMap(cells, sites.section, painter.direction, painter.blur, sites.noise_hu)


class _Insertion:
    """One section with its neighbours, denoised without vessels once and with vessels as often as asked."""

    def __init__(
        self, denoise: Denoise, window: NDArray[np.float32], sites: VesselSites, painter: VesselPainter
    ) -> None:
        self._denoise = denoise
        self._window = window
        self._sites = sites
        self._painter = painter
        self._without = np.asarray(denoise(window), dtype=np.float64)
        self._painted = 0

    def run(self, vessels: Sequence[Vessel]) -> Iterator[tuple[Vessel, float, float]]:
        """Insert one vessel at each site; yields each with the share that is left, and its peak in HU."""
        window = self._window.copy()
        middle = len(window) // 2
        pictures = []
        for vessel, (row, column) in zip(vessels, self._sites.centres, strict=True):
            picture = self._paint(vessel, sections=len(window))
            reach = picture.shape[1] // 2
            place = slice(row - reach, row + reach + 1), slice(column - reach, column + reach + 1)
            window[(slice(None), *place)] += picture
            pictures.append((vessel, place, picture[middle].astype(np.float64)))
        difference = np.asarray(self._denoise(window), dtype=np.float64) - self._without
        for vessel, place, picture in pictures:
            share = float((difference[place] * picture).sum() / np.square(picture).sum())
            yield vessel, share, float(picture.max())

    def _paint(self, vessel: Vessel, *, sections: int) -> NDArray[np.float32]:
        """Off the pixel centre and turned by another amount each time, evenly spread over all of them."""
        self._painted += 1
        y, x, turn = ((self._painted * step) % 1 for step in _EVEN_STEPS)
        return self._painter.paint(vessel, offset=(y - 0.5, x - 0.5), angle=math.pi * turn, sections=sections)


def _window(volume: MeasurableVolume, section: int, context: int) -> NDArray[np.float32]:
    indices = np.clip(np.arange(section - context, section + context + 1), 0, volume.shape[0] - 1)
    return np.stack([volume.section(int(index)) for index in indices])


def _blur(volume: MeasurableVolume, test: VesselTest) -> float:
    """As given, or from the section that was chosen or the middle one; as sharp as pixels can be if no edge tells."""
    if test.blur_mm is not None:
        return test.blur_mm
    pixel_spacing = volume.geometry.spacing[1:]
    hu = volume.section(volume.shape[0] // 2 if test.section is None else test.section)
    estimate = edge_blur(hu, pixel_spacing=pixel_spacing)
    return LEAST_BLUR_PIXELS * math.sqrt(pixel_spacing[0] * pixel_spacing[1]) if estimate is None else estimate


def _cell(vessel: Vessel, found: NDArray[np.float64]) -> RetainedContrast:
    shares, peaks = found.T
    error = float(shares.std(ddof=1) / math.sqrt(shares.size))
    return RetainedContrast(vessel, float(peaks.mean()), float(shares.mean()), error, shares.size)
