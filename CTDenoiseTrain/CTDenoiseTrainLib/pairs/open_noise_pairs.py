"""Open the sources whose pairs are made with noise maps: noise on other images, and noise on its own series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import DataError, RecipeError
from ..noise.by_section import Allocate
from ..noise.make_noise_maps import NoiseMaps, make_noise_maps
from ..noise.match_series import check_enough_sections, check_same_kernel, check_same_patient
from ..recipe.content import CaseFiles, NoiseMethod, PatchOptions
from .additive_case import LEAST_SHIFT, AdditiveCase
from .complete_noise import CompleteNoise, complete_noise
from .noise_windows import INDEPENDENT_PIXELS, NoiseWindows
from .opening import Opening, common_series, describe, size_fact, subjects_of
from .read_cases import ReadSeries, comparable
from .section_covariance import Subtraction
from .self_supervised_case import SelfSupervisedCase
from .source_case import SourceCase

_OTHER_PIXELS = 0.05
_LEAST_SCALE = 0.1
_MOST_ALIKE = 0.3


@dataclass(frozen=True)
class _Sources:
    """Series of a case for noise on other images.

    Attributes:
        of_noise: What the noise maps are made of, the sections that all have.
        of_target: What is averaged to targets.
        in_place: Whether both show the same sections; scans of a phantom show another object in another place.
    """

    of_noise: tuple[ReadSeries, ...]
    of_target: ReadSeries
    in_place: bool = True


def open_noise_maps(case: CaseFiles, name: str, opening: Opening) -> SourceCase:
    """Pairs of averaged sections and noise maps.

    The target is made of the iterative reconstruction, else the clean series, else the noisy one itself or the mean of
    the repeats.

    Raises:
        RecipeError: The case lacks a series that the method needs.
        DataError: The images do not fit each other or the method, or anatomy hides in the noise.
    """
    data, patches = opening.recipe.data, opening.recipe.patches
    sources = _read_sources(case, name, opening)
    target = sources.of_target.volume
    opening.check_sides(target, name)
    sections = target.shape[0] - data.target_sections + 1
    opening.warn(check_enough_sections(sections, context=opening.context, what=name))
    with opening.cache.scratch() as allocate:
        complete = _noise(data.method, sources.of_noise, name, opening, allocate)
        anatomy = opening.keep(target)
    _warn_of_other_noise(sources, opening)
    opening.tell(name, ("Images", size_fact(target)))
    if not sources.in_place:
        opening.tell(name, ("Noise taken from", "anywhere in the map, which shows another place than the images"))
    low, high = min(one.typical_hu[0] for one in complete), max(one.typical_hu[1] for one in complete)
    return AdditiveCase(
        describe(
            sources.of_noise[0],
            target,
            name=name,
            patient=case.patient,
            noise_hu=(patches.noise_scale[0] * low, patches.noise_scale[1] * high),
            averaged=data.target_sections,
        ),
        anatomy=anatomy,
        averaged=data.target_sections,
        noise=[
            NoiseWindows(
                noise,
                sections=sections if sources.in_place else None,
                shift=patches.shift_pixels,
                least_shift=LEAST_SHIFT,
            )
            for noise in complete
        ],
        options=patches,
    )


def open_self_supervised(case: CaseFiles, name: str, opening: Opening) -> SourceCase:
    """Pairs from a single noisy series.

    Raises:
        RecipeError: The case names no noisy series, or noise is to be moved too little to be independent.
        DataError: There are too few sections, or hardly any soft tissue to take noise from.
    """
    patches = opening.recipe.patches
    _check_self_supervised(patches)
    read = opening.reader.role(case, "noisy")
    opening.check_sides(read.volume, name)
    opening.warn(check_enough_sections(read.volume.shape[0], context=opening.context, what=name))
    with opening.cache.scratch() as allocate:
        (noise,) = _noise("adjacent-sections", (read,), name, opening, allocate)
        series = opening.keep(read.volume)
    weakest, strongest = (float(np.hypot(1, scale)) for scale in patches.noise_scale)
    opening.tell(
        name,
        ("Images", size_fact(read.volume)),
        ("Noise learned with", f"{weakest:.1f} to {strongest:.1f} times that of the series"),
    )
    opening.warn(
        "The pairs are made of a single noisy series: there is no better image that the result could be compared with, "
        "and fine structure that looks like noise is learned as noise."
    )
    return SelfSupervisedCase(
        describe(read, read.volume, name=name, patient=case.patient, noise_hu=noise.typical_hu),
        series=series,
        noise=NoiseWindows(
            noise, sections=read.volume.shape[0], shift=patches.shift_pixels, least_shift=INDEPENDENT_PIXELS
        ),
        options=patches,
    )


def _read_sources(case: CaseFiles, name: str, opening: Opening) -> _Sources:
    reader, method = opening.reader, opening.recipe.data.method
    if method == "reconstructions":
        filtered, iterative = common_series(
            [reader.role(case, "noisy"), reader.role(case, "iterative")],
            what=f"filtered back-projection and iterative reconstruction of {name}",
        )
        return _Sources((filtered, iterative), iterative)
    better = next((role for role in ("iterative", "clean") if getattr(case, role) is not None), None)
    target = reader.role(case, better) if better else None
    if method == "adjacent-sections":
        noisy = reader.role(case, "noisy")
        if target is None:
            _warn_of_noisy_target(name, opening)
            return _Sources((noisy,), noisy)
        noisy, target = common_series([noisy, target], what=f"{noisy.label} and {target.label}")
        return _Sources((noisy,), target)
    shared = target is not None or case.noisy is not None
    repeats = common_series(reader.repeats(case, fewest=2, shared=shared), what=f"the repeats of {name}")
    if target is None and case.noisy is not None:
        target = reader.role(case, "noisy")
        _warn_of_noisy_target(name, opening)
    return _with_repeats(repeats, target)


def _with_repeats(repeats: tuple[ReadSeries, ...], target: ReadSeries | None) -> _Sources:
    if target is None:
        mean = np.asarray(np.mean([read.volume.hu for read in repeats], axis=0, dtype=np.float32))
        return _Sources(repeats, replace(repeats[0], volume=replace(repeats[0].volume, hu=mean)))
    try:
        *of_noise, of_target = common_series([*repeats, target], what=f"the repeats and {target.label}")
    except DataError:
        return _Sources(repeats, target, in_place=False)
    return _Sources(tuple(of_noise), of_target)


def _warn_of_noisy_target(name: str, opening: Opening) -> None:
    opening.warn(
        f"The targets of {name} keep noise of their own, which the network learns to leave; “self-supervised” pairs of "
        "the same series do not have this limit."
    )


def _noise(
    method: NoiseMethod, series: Sequence[ReadSeries], name: str, opening: Opening, allocate: Allocate
) -> tuple[CompleteNoise, ...]:
    """Make noise maps, judge them, and fill their holes."""
    data = opening.recipe.data
    opening.on_note(f"Making noise maps of {name}…")
    made = make_noise_maps(
        method,
        [read.volume for read in series],
        subjects=subjects_of(series),
        apart=data.sections_apart,
        allocate=allocate,
    )
    for sentence in made.warnings:
        opening.warn(f"{name[0].upper()}{name[1:]}: {sentence}")
    if made.leakage.level == "much" and data.anatomy_in_noise == "refuse":
        raise DataError(f"{made.leakage.sentence} To train with {name} all the same, set anatomy_in_noise to “warn”.")
    subtraction = _subtraction(made, name, opening) if method == "adjacent-sections" else None
    complete = tuple(
        complete_noise(one, cache=opening.cache, allocate=allocate, subtraction=subtraction, name=name)
        for one in made.maps
    )
    filled = float(np.mean([noise.filled_share for noise in complete]))
    opening.tell(name, *made.facts, ("Noise map filled from other places", f"{100 * filled:.0f} %"))
    return complete


def _subtraction(made: NoiseMaps, name: str, opening: Opening) -> Subtraction:
    """How sections were subtracted, having seen that enough of their noise is left."""
    apart = opening.recipe.data.sections_apart
    if made.correlation is None:
        opening.warn(
            f"Whether the noise of sections of {name} is independent could not be measured; if it is not, part of the "
            "noise will be left."
        )
        return Subtraction(apart)
    values = made.correlation.values
    alike = values[apart - 1] if apart <= len(values) else 0.0
    if alike > _MOST_ALIKE:
        raise DataError(
            f"The noise of sections {apart} apart of {name} is nearly the same (correlation {alike:.2f}), so little of "
            "it is left in their difference; set sections_apart higher."
        )
    return Subtraction(apart, values)


def _warn_of_other_noise(sources: _Sources, opening: Opening) -> None:
    """See that noise and target are of one patient, and warn where noise is unlike that of the target's scan."""
    noisy, target = sources.of_noise[0], sources.of_target
    if noisy.label == target.label:
        return
    what = f"{noisy.label} and {target.label}"
    if sources.in_place:
        check_same_patient(*comparable(noisy.subject, target.subject), what=what)
    try:
        check_same_kernel(noisy.volume.acquisition, target.volume.acquisition, what=what)
    except DataError:
        opening.warn(f"The kernels of {what} differ; a network may tell noise from anatomy by their sharpness.")
    ratio = np.divide(noisy.volume.geometry.spacing[1:], target.volume.geometry.spacing[1:])
    if np.abs(np.log(ratio)).max() > _OTHER_PIXELS:
        opening.warn(
            f"The pixels of {what} differ in size by a factor of {ratio.max():.2f}, so the noise is coarser or finer "
            "than the scanner would make it."
        )


def _check_self_supervised(patches: PatchOptions) -> None:
    if patches.shift_pixels < INDEPENDENT_PIXELS:
        raise RecipeError(
            f"“patches.shift_pixels” is {patches.shift_pixels}; self-supervised noise must be moved by "
            f"{INDEPENDENT_PIXELS} pixels or more to be independent of what it is added to."
        )
    if patches.noise_scale[0] < _LEAST_SCALE:
        raise RecipeError(
            f"“patches.noise_scale” begins at {patches.noise_scale[0]:g}; self-supervised pairs vary by its inverse "
            f"and need {_LEAST_SCALE:g} or more."
        )
