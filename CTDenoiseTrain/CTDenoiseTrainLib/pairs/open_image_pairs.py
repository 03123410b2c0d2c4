"""Open the sources whose pairs are images as they are: two of the same anatomy, or repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from CTDenoiseLib.volume import Volume

from ..errors import DataError
from ..noise.match_series import check_enough_sections, check_same_kernel, check_same_patient
from ..recipe.content import CaseFiles
from .averages_case import AveragesCase
from .direct_case import DirectCase
from .finer_grid import on_finer_grid
from .opening import Opening, common_series, describe, measured_noise, size_fact
from .read_cases import ReadSeries, comparable
from .source_case import SourceCase

_HARDLY_LESS_NOISE = 0.95


def open_dose_pairs(case: CaseFiles, name: str, opening: Opening) -> SourceCase:
    """Pairs of low and full dose.

    Raises:
        RecipeError: The case lacks one of them.
        DataError: They are not of one patient, kernel, size or place.
    """
    what = f"low and full dose of {name}"
    noisy, clean = _read_pair(case, what, opening)
    opening.warn(check_same_kernel(noisy.volume.acquisition, clean.volume.acquisition, what=what))
    noisy, clean = common_series([noisy, clean], what=what)
    _warn_if_not_noisier(noisy.volume, clean.volume, name, opening)
    return _direct(case, name, noisy, clean, opening)


def open_kernel_pairs(case: CaseFiles, name: str, opening: Opening) -> SourceCase:
    """Pairs of a sharp and a smooth kernel of one scan.

    Raises:
        RecipeError: The case lacks one of them.
        DataError: They are not of one scan, size or place.
    """
    what = f"sharp and smooth kernel of {name}"
    noisy, clean = _read_pair(case, what, opening, same_scan=True)
    opening.warn(
        "The targets are of a smoother kernel, so the network learns to blur as well: its output takes the resolution "
        "of that kernel."
    )
    noisy, clean = common_series([noisy, clean], what=what)
    _warn_if_not_noisier(noisy.volume, clean.volume, name, opening)
    return _direct(case, name, noisy, clean, opening)


def open_resolution_pairs(case: CaseFiles, name: str, opening: Opening) -> SourceCase:
    """Pairs of low and high resolution, the former interpolated onto the grid of the latter.

    Raises:
        RecipeError: The case lacks one of them.
        DataError: They are not of one patient, are oriented differently or show nothing in common.
    """
    what = f"low and high resolution of {name}"
    coarse, fine = _read_pair(case, what, opening)
    coarser = np.divide(coarse.volume.geometry.spacing, fine.volume.geometry.spacing)
    if coarser.max() < 1.01 and coarse.volume.acquisition.kernel == fine.volume.acquisition.kernel:
        opening.warn(f"The voxels of the “noisy” images of {name} are no larger than those of the “clean” ones.")
    opening.warn(
        "The targets have a higher resolution than the inputs: the network learns to sharpen, and may show structure "
        "that is likely rather than seen."
    )
    inputs, targets = on_finer_grid(coarse.volume, fine.volume, what=what)
    return _direct(case, name, replace(coarse, volume=inputs), replace(fine, volume=targets), opening)


def open_repeats(case: CaseFiles, name: str, opening: Opening) -> SourceCase:
    """Pairs of repeats with independent noise, in both directions.

    Raises:
        RecipeError: The case has fewer than two.
        DataError: They are not of one patient, size or place.
    """
    return _repeats(case, name, opening, averaged=1)


def open_averages(case: CaseFiles, name: str, opening: Opening) -> SourceCase:
    """Pairs of averages of some repeats and of the others.

    Raises:
        RecipeError: The case has no more repeats than are averaged.
        DataError: They are not of one patient, size or place.
    """
    return _repeats(case, name, opening, averaged=opening.recipe.data.averaged)


def _repeats(case: CaseFiles, name: str, opening: Opening, *, averaged: int) -> SourceCase:
    what = f"the repeats of {name}"
    series = opening.reader.repeats(case, fewest=averaged + 1)
    for other in series[1:]:
        check_same_patient(*comparable(series[0].subject, other.subject), what=what)
    series = common_series(series, what=what)
    first = series[0].volume
    _check_copies(series, what)
    opening.check_sides(first, name)
    _warn_of_few(first.shape[0], opening)
    inputs = f"{averaged} of {len(series)} repeats"
    opening.tell(name, ("Images", size_fact(first)), ("Inputs", inputs), ("Targets", "mean of the other repeats"))
    level = measured_noise(first)
    return AveragesCase(
        describe(
            series[0],
            first,
            name=name,
            patient=case.patient,
            noise_hu=_range(None if level is None else level / float(np.sqrt(averaged))),
        ),
        repeats=[opening.keep(read.volume) for read in series],
        averaged=averaged,
        options=opening.recipe.patches,
    )


def _check_copies(series: Sequence[ReadSeries], what: str) -> None:
    if any(np.array_equal(one.volume.hu, other.volume.hu) for one, other in combinations(series, 2)):
        raise DataError(f"Two of {what} are the same images, so there is no noise between them; leave one of them out.")


def _read_pair(
    case: CaseFiles, what: str, opening: Opening, *, same_scan: bool = False
) -> tuple[ReadSeries, ReadSeries]:
    noisy, clean = opening.reader.role(case, "noisy"), opening.reader.role(case, "clean")
    check_same_patient(*comparable(noisy.subject, clean.subject), what=what, same_scan=same_scan)
    return noisy, clean


def _direct(case: CaseFiles, name: str, noisy: ReadSeries, clean: ReadSeries, opening: Opening) -> SourceCase:
    volume = noisy.volume
    if np.array_equal(volume.hu, clean.volume.hu):
        raise DataError(f"The two images of {name} are the same, so there is nothing to learn; name two series.")
    opening.check_sides(volume, name)
    _warn_of_few(volume.shape[0], opening)
    opening.tell(name, ("Images", size_fact(volume)))
    return DirectCase(
        describe(noisy, volume, name=name, patient=case.patient, noise_hu=_range(measured_noise(volume))),
        noisy=opening.keep(volume),
        clean=opening.keep(clean.volume),
        options=opening.recipe.patches,
    )


def _warn_of_few(sections: int, opening: Opening) -> None:
    """Single images can be learned from here, unlike where noise is taken from neighbouring sections."""
    if sections < 3:
        opening.warn(
            "Some images have no neighbouring sections: the window of the network repeats them, as it will when such "
            "images are denoised."
        )
    else:
        opening.warn(check_enough_sections(sections, context=opening.context, what="some images"))


def _warn_if_not_noisier(noisy: Volume, clean: Volume, name: str, opening: Opening) -> None:
    before, after = measured_noise(noisy), measured_noise(clean)
    if before is not None and after is not None and after > _HARDLY_LESS_NOISE * before:
        opening.warn(
            f"The “clean” images of {name} have {after:.1f} HU of noise and the “noisy” ones {before:.1f} HU; see "
            "whether they are interchanged."
        )


def _range(level: float | None) -> tuple[float, float] | None:
    return None if level is None else (level, level)
