"""What all sources of pairs share while their images are opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from CTDenoiseLib.measure.noise.noise_level import noise_level, section_noise
from CTDenoiseLib.volume import Volume

from ..errors import DataError
from ..noise.match_series import Subject, match_all
from ..noise.section_average import averaged_geometry
from ..recipe.content import Recipe
from .outside_field import with_air_outside
from .read_cases import CaseReader, ReadSeries, comparable
from .source_case import CaseDescription
from .volume_cache import StoredVolume, VolumeCache

_SECTIONS_MEASURED = 9


@dataclass
class Opening:
    """Images are being opened.

    Attributes:
        recipe: Says which and what for.
        reader: Reads series.
        cache: Keeps volumes.
        on_note: Told what is being done.
        facts: Names and values found out so far.
        warnings: Sentences so far.
    """

    recipe: Recipe
    reader: CaseReader
    cache: VolumeCache
    on_note: Callable[[str], object]
    facts: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def warn(self, sentence: str | None) -> None:
        """Remember a warning once; `None` is none."""
        if sentence is not None and sentence not in self.warnings:
            self.warnings.append(sentence)

    def tell(self, name: str, *facts: tuple[str, str]) -> None:
        """Remember facts of a case, with its name if there are several."""
        of_case = f", {name}" if len(self.recipe.data.cases) > 1 else ""
        self.facts += [(f"{label}{of_case}", value) for label, value in facts]

    @property
    def context(self) -> int:
        """Adjacent sections on each side that the network looks at; a model to fine-tune may differ from the recipe."""
        return int(self.recipe.network.configuration.get("context", 0))

    def keep(self, volume: Volume) -> StoredVolume:
        """Keep an image without loss, with air outside its field of view.

        Raises:
            WriteFailedError: The disk is full or does not allow it.
        """
        return self.cache.keep(lambda index: with_air_outside(volume, index), volume.shape)

    def check_sides(self, volume: Volume, what: str) -> None:
        """See that a patch fits.

        Raises:
            DataError: It does not.
        """
        side = self.recipe.patches.side
        if min(volume.shape[1:]) < side:
            _, rows, columns = volume.shape
            raise DataError(
                f"The images ({what}) have {rows} × {columns} pixels, less than a patch of {side} × {side}; "
                "make patches smaller or give larger images."
            )


def describe(  # noqa: PLR0913
    read: ReadSeries,
    volume: Volume,
    *,
    name: str,
    patient: str,
    noise_hu: tuple[float, float] | None,
    averaged: int = 1,
) -> CaseDescription:
    """Describe a case.

    Args:
        read: The noisy series, which says how the images came about.
        volume: Gives the places of the sections.
        name: Of the case.
        patient: Label of the patient.
        noise_hu: See `CaseDescription`.
        averaged: How many sections of `volume` make one of the case.
    """
    return CaseDescription(
        name=name,
        patient=patient,
        geometry=averaged_geometry(volume.geometry, averaged),
        acquisition=read.volume.acquisition,
        noise_hu=noise_hu,
    )


def subjects_of(series: Sequence[ReadSeries]) -> tuple[Subject, ...]:
    """Whose images these are, without patients where these cannot be compared."""
    subjects = [read.subject for read in series]
    for other in range(1, len(subjects)):
        subjects[0], subjects[other] = comparable(subjects[0], subjects[other])
    return tuple(subjects)


def common_series(series: Sequence[ReadSeries], *, what: str) -> tuple[ReadSeries, ...]:
    """The series reduced to the sections that all of them have.

    Args:
        series: One or more of the same rows and columns.
        what: Names them in messages.

    Raises:
        DataError: Size, pixels, orientation or field of view differ, or no section is common.
    """
    matched = match_all([read.volume for read in series], what=what)
    return tuple(
        replace(read, volume=_common_part(read.volume, [places[index] for places in matched]))
        for index, read in enumerate(series)
    )


def _common_part(volume: Volume, sections: Sequence[int]) -> Volume:
    """Some evenly spaced sections of a volume as one of its own."""
    step = sections[1] - sections[0] if len(sections) > 1 else 1
    chosen = slice(sections[0], sections[-1] + 1, step)
    geometry = volume.geometry
    along = np.array(geometry.direction[0]) * geometry.spacing[0] * sections[0]
    x, y, z = (np.array(geometry.origin) + along).tolist()
    return replace(
        volume,
        hu=volume.hu[chosen],
        geometry=replace(geometry, origin=(x, y, z), spacing=(geometry.spacing[0] * step, *geometry.spacing[1:])),
        padding=None if volume.padding is None else volume.padding[chosen],
    )


def measured_noise(volume: Volume) -> float | None:
    """SD of the noise in soft tissue in HU, from some sections; `None` if there is no uniform soft tissue."""
    sections = np.unique(np.linspace(0, volume.shape[0] - 1, _SECTIONS_MEASURED).round().astype(int)).tolist()
    _, *pixel_spacing = volume.geometry.spacing
    return noise_level(
        section_noise(volume.section(index), pixel_spacing=(pixel_spacing[0], pixel_spacing[1])) for index in sections
    )


def size_fact(volume: Volume) -> str:
    """Such as "143 sections of 512 × 512, 0.54 × 0.54 × 2.00 mm"."""
    (sections, rows, columns), (z, y, x) = volume.shape, volume.geometry.spacing
    return f"{sections} section{'s' * (sections > 1)} of {rows} × {columns}, {y:.2f} × {x:.2f} × {z:.2f} mm"
