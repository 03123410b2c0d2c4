"""Noise maps by any method, with what there is to know about them: checked, and judged for anatomy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.measure.noise.noise_level import noise_level, section_noise
from CTDenoiseLib.measure.sampling import evenly_spread
from CTDenoiseLib.volume import Geometry, Volume

from ..errors import DataError
from ..recipe.content import NoiseMethod
from . import reconstruction_difference, repeated_scans
from .adjacent_sections import adjacent_section_noise
from .by_section import Allocate, in_memory
from .leakage import Leakage, leakage_by_section
from .match_series import Subject, check_same_kernel, check_same_patient, check_same_thickness, match_all
from .noise_map import NoiseMap
from .reconstruction_difference import reconstruction_noise
from .repeated_scans import noise_of_repeats
from .section_correlation import SectionCorrelation, noise_correlation, series_correlation

_WORDS: dict[NoiseMethod, str] = {
    "reconstructions": "filtered back-projection − iterative reconstruction",
    "adjacent-sections": "difference of adjacent sections",
    "repeated-scans": "difference of repeated scans",
}
_LEVELS = {"none": 0, "some": 1, "much": 2}
_SECTIONS_LOOKED_AT = 8


@dataclass(frozen=True)
class NoiseMaps:
    """Noise maps of one patient or phantom.

    Attributes:
        maps: One; as many as scans for three and more repeated scans.
        geometry: Where their voxels lie. A difference of adjacent sections lies at the lower of the two.
        leakage: Whether anatomy hides in them, the worst of all.
        correlation: Of noise between sections of the source; `None` where it cannot be measured.
        facts: Names and values for a table.
        warnings: Sentences, that of the leakage among them unless it is "none".
    """

    maps: tuple[NoiseMap, ...]
    geometry: Geometry
    leakage: Leakage
    correlation: SectionCorrelation | None
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Made:
    """What a method gives: maps, where they lie, the anatomy under a section, and what is to be warned of."""

    maps: tuple[NoiseMap, ...]
    geometry: Geometry
    anatomy: Callable[[int], NDArray[np.float32]]
    correlation: SectionCorrelation | None
    warnings: tuple[str, ...]


def make_noise_maps(
    method: NoiseMethod,
    volumes: Sequence[Volume],
    *,
    subjects: Sequence[Subject] = (),
    apart: int = 3,
    allocate: Allocate = in_memory,
) -> NoiseMaps:
    """Make noise maps, having checked that the images fit the method.

    Memory beyond the maps and the volumes is a few sections for each thread.

    Args:
        method: "reconstructions": filtered back-projection, then iterative reconstruction. "adjacent-sections": one
            series. "repeated-scans": two or more scans.
        volumes: What the method asks for, in this order.
        subjects: Whose images they are, one for each volume; empty if not known.
        apart: Distance in sections of those subtracted, of "adjacent-sections" only.
        allocate: Makes room for noise and for weight of each map, in memory or in a memory-mapped file.

    Returns:
        The maps. Whether anatomy in them is refused or only warned of is the caller's decision.

    Raises:
        DataError: Too few or too many volumes, or they do not fit each other; too few sections; images that are
            constant, the same, or without a place where they give noise.
    """
    check_count(method, len(volumes))
    match method:
        case "reconstructions":
            made = _of_reconstructions(volumes[0], volumes[1], subjects, allocate)
        case "repeated-scans":
            made = _of_repeats(volumes, subjects, allocate)
        case "adjacent-sections":
            made = _of_adjacent(volumes[0], apart, allocate)
    for noise in made.maps:
        _check_not_empty(noise, method)
    leakages = [leakage_by_section(noise, made.anatomy) for noise in made.maps]
    worst = max(leakages, key=lambda one: (_LEVELS[one.level], one.correlation or 0.0))
    warnings = made.warnings if worst.level == "none" else (*made.warnings, worst.sentence)
    facts = _facts(method, made, worst, volumes)
    return NoiseMaps(made.maps, made.geometry, worst, made.correlation, facts, warnings)


def check_count(method: NoiseMethod, count: int) -> None:
    """See that a method has as many volumes as it needs.

    Raises:
        DataError: It has not.
    """
    wanted = {"reconstructions": count == 2, "adjacent-sections": count == 1, "repeated-scans": count >= 2}
    if not wanted[method]:
        needs = {
            "reconstructions": "two series, filtered back-projection and iterative reconstruction",
            "adjacent-sections": "one series",
            "repeated-scans": "two or more scans",
        }
        raise DataError(f"Noise maps by the method “{method}” need {needs[method]}, not {count}.")


def _of_reconstructions(filtered: Volume, iterative: Volume, subjects: Sequence[Subject], allocate: Allocate) -> _Made:
    what = reconstruction_difference.WHAT
    kernel = _check_together([filtered, iterative], subjects, what=what, same_scan=True)
    places = match_all([filtered, iterative], what=what)
    levels = [
        noise_level(
            section_noise(volume.section(pair[which]), pixel_spacing=volume.geometry.spacing[1:])
            for pair in _some_of(places)
        )
        for which, volume in enumerate((filtered, iterative))
    ]
    swapped = None
    if levels[0] is not None and levels[1] is not None and levels[0] < levels[1]:
        # No more than a warning: with little flat tissue, structure may count as noise.
        swapped = (
            f"The filtered back-projection seems to have less noise than the iterative reconstruction "
            f"({levels[0]:.1f} and {levels[1]:.1f} HU); see that the two are not swapped."
        )
    noise = reconstruction_noise(filtered, iterative, allocate=allocate)

    def anatomy(index: int) -> NDArray[np.float32]:
        return iterative.section(places[index][1])

    geometry, warning = _common_geometry(filtered.geometry, [pair[0] for pair in places], what)
    correlation = noise_correlation(noise, anatomy=anatomy)
    return _Made((noise,), geometry, anatomy, correlation, _known(swapped, kernel, warning))


def _of_repeats(scans: Sequence[Volume], subjects: Sequence[Subject], allocate: Allocate) -> _Made:
    what = repeated_scans.WHAT
    kernel = _check_together(scans, subjects, what=what, same_scan=False)
    places = match_all(scans, what=what)
    maps = noise_of_repeats(scans, allocate=allocate)

    def anatomy(index: int) -> NDArray[np.float32]:
        sections = [scan.section(section) for scan, section in zip(scans, places[index], strict=True)]
        return np.asarray(np.mean(sections, axis=0, dtype=np.float32))

    geometry, warning = _common_geometry(scans[0].geometry, [place[0] for place in places], what)
    correlation = noise_correlation(maps[0], anatomy=anatomy)
    return _Made(maps, geometry, anatomy, correlation, _known(kernel, warning))


def _of_adjacent(series: Volume, apart: int, allocate: Allocate) -> _Made:
    noise = adjacent_section_noise(series.hu, apart=apart, allocate=allocate)
    correlation = series_correlation(series.hu)

    def anatomy(index: int) -> NDArray[np.float32]:
        return np.asarray((series.section(index) + series.section(index + apart)) / 2, dtype=np.float32)

    warning = None if correlation is None else correlation.too_near(apart)
    return _Made((noise,), series.geometry, anatomy, correlation, _known(warning))


def _check_together(
    volumes: Sequence[Volume], subjects: Sequence[Subject], *, what: str, same_scan: bool
) -> str | None:
    """See that images belong together; returns what is to be warned of."""
    for other in subjects[1:]:
        check_same_patient(subjects[0], other, what=what, same_scan=same_scan)
    warnings = []
    for volume in volumes[1:]:
        check_same_thickness(volumes[0].acquisition, volume.acquisition, what=what)
        warnings.append(check_same_kernel(volumes[0].acquisition, volume.acquisition, what=what))
    return next((warning for warning in warnings if warning), None)


def _check_not_empty(noise: NoiseMap, method: NoiseMethod) -> None:
    """See that a map holds noise where its weight lets it through."""
    some = evenly_spread(len(noise.noise), most=_SECTIONS_LOOKED_AT)
    usable = [index for index in some if noise.weight[index].any()]
    if not usable:
        place = "flat soft tissue" if method == "adjacent-sections" else "values that are neither padding nor clipped"
        raise DataError(f"The images give no noise: nowhere are there {place}; choose other images.")
    if not any(noise.noise[index][noise.weight[index] > 0].any() for index in usable):
        raise DataError("The noise is 0 everywhere: the images are constant or one and the same; choose others.")


def _common_geometry(geometry: Geometry, indices: Sequence[int], what: str) -> tuple[Geometry, str | None]:
    """Where evenly spaced sections of a series lie, and what is to be warned of."""
    offset = indices[0] * geometry.spacing[0]
    x, y, z = (start + offset * along for start, along in zip(geometry.origin, geometry.direction[0], strict=True))
    step = indices[1] - indices[0] if len(indices) > 1 else 1
    increment = step * geometry.spacing[0]
    warning = None
    if step > 1:
        warning = (
            f"The sections that {what} have in common are {increment:g} mm apart, not {geometry.spacing[0]:g} mm; "
            "noise of adjacent sections is less alike than in the series."
        )
    return replace(geometry, origin=(x, y, z), spacing=(increment, *geometry.spacing[1:])), warning


def _facts(
    method: NoiseMethod, made: _Made, leakage: Leakage, volumes: Sequence[Volume]
) -> tuple[tuple[str, str], ...]:
    noise = made.maps[0]
    some = evenly_spread(len(noise.noise), most=_SECTIONS_LOOKED_AT)
    usable = float(np.mean([noise.weight[index].mean() for index in some]))
    facts = [
        ("Noise maps", f"{len(made.maps)}, {_WORDS[method]}"),
        ("Sections of the noise", str(len(noise.noise))),
        ("Usable pixels of the noise", f"{100 * usable:.0f} %"),
    ]
    if leakage.noise_hu is not None:
        facts.append(("Noise in flat soft tissue", f"{leakage.noise_hu:.1f} HU"))
    if made.correlation is not None:
        facts.append(("Correlation of noise 1, 2, … sections apart", str(made.correlation)))
    facts.append(("Anatomy in the noise", _leakage_words(leakage)))
    kernels = dict.fromkeys(" ".join(volume.acquisition.kernel) or "unknown" for volume in volumes)
    return (*facts, ("Kernel", ", ".join(kernels)))


def _leakage_words(leakage: Leakage) -> str:
    if leakage.correlation is None or leakage.error is None:
        return "cannot be judged"
    return f"{leakage.level} (correlation {leakage.correlation:.2f} ± {leakage.error:.2f})"


def _some_of(places: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    return [places[index] for index in evenly_spread(len(places), most=_SECTIONS_LOOKED_AT)]


def _known(*warnings: str | None) -> tuple[str, ...]:
    return tuple(warning for warning in warnings if warning)
