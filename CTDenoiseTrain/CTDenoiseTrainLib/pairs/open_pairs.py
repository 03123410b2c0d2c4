"""Open the images that a recipe names, check that they can be trained with, and make cases of pairs of them."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from CTDenoiseLib.models import MadeFor

from ..errors import DataError
from ..recipe.content import CaseFiles, Recipe, Source
from .open_image_pairs import open_averages, open_dose_pairs, open_kernel_pairs, open_repeats, open_resolution_pairs
from .open_noise_pairs import open_noise_maps, open_self_supervised
from .opening import Opening
from .read_cases import CaseReader
from .source_case import SourceCase
from .volume_cache import VolumeCache

_OPEN: Mapping[Source, Callable[[CaseFiles, str, Opening], SourceCase]] = {
    "noise-maps": open_noise_maps,
    "dose-pairs": open_dose_pairs,
    "kernel-pairs": open_kernel_pairs,
    "resolution-pairs": open_resolution_pairs,
    "repeats": open_repeats,
    "self-supervised": open_self_supervised,
    "averages": open_averages,
}


@dataclass(frozen=True)
class PairData:
    """Everything there is to train with.

    Attributes:
        cases: Pairs of each patient or phantom.
        facts: Names and values for a table, such as ("Leakage of anatomy", "none").
        warnings: Sentences on what the images or the way of making pairs imply.
        made_for: Kernels, sizes and noise of the images, for the model card.
    """

    cases: tuple[SourceCase, ...]
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    made_for: MadeFor


def open_pairs(
    recipe: Recipe, *, base: Path, cache: Path, on_note: Callable[[str], object] = lambda sentence: None
) -> PairData:
    """Read the images of a recipe and make cases of pairs of them, as its source says.

    Args:
        recipe: Says which images, and how they become pairs.
        base: Folder that relative paths of the recipe start from.
        cache: Folder for what does not fit into the memory that the recipe grants. Files there vanish with the process.
        on_note: Told what is being done, in sentences. What it raises ends the work.

    Raises:
        RecipeError: The recipe lacks a series that its source needs.
        DataError: The images cannot be trained with; the message says which, why, and what to do.
        CTDenoiseError: A series cannot be found or read, or the disk is full.
    """
    if not recipe.data.cases:
        raise DataError("The recipe names no images; add a case.")
    cache.mkdir(parents=True, exist_ok=True)
    memory_gb = recipe.data.memory_gb
    # Where a file that is in use cannot be removed, as on Windows, it stays until the cache is.
    with tempfile.TemporaryDirectory(dir=cache, prefix="reading-", ignore_cleanup_errors=True) as scratch:
        opening = Opening(
            recipe,
            CaseReader(base, scratch=Path(scratch), memory_gb=memory_gb, on_note=on_note),
            VolumeCache(cache, memory_gb=memory_gb),
            on_note,
        )
        names = _names(recipe.data.cases)
        cases = tuple(
            _OPEN[recipe.data.source](case, name, opening) for case, name in zip(recipe.data.cases, names, strict=True)
        )
    opening.facts.append(("Images kept", opening.cache.fact))
    warnings = (*opening.warnings, *opening.reader.labels.warnings)
    return PairData(cases, tuple(opening.facts), tuple(dict.fromkeys(warnings)), _made_for(cases))


def _names(cases: Sequence[CaseFiles]) -> list[str]:
    """The patient's label, with a number where a patient has several cases."""
    counts, seen = Counter(case.patient for case in cases), Counter[str]()
    names = []
    for case in cases:
        seen[case.patient] += 1
        number = f", images {seen[case.patient]}" if counts[case.patient] > 1 else ""
        names.append(f"patient {case.patient}{number}")
    return names


def _made_for(cases: Sequence[SourceCase]) -> MadeFor:
    modalities = {case.acquisition.modality for case in cases} - {None}
    if len(modalities) > 1:
        raise DataError(f"The images are of different modalities ({', '.join(sorted(map(str, modalities)))}); use one.")
    kernels = sorted({case.acquisition.kernel[0] for case in cases if case.acquisition.kernel})
    pixels = [side for case in cases for side in case.spacing[1:]]
    thickness = [case.acquisition.section_thickness or case.spacing[0] for case in cases]
    noise = [level for case in cases if case.noise_hu is not None for level in case.noise_hu]
    return MadeFor(
        modality=str(next(iter(modalities), "CT")),
        kernels=tuple(kernels),
        pixel_spacing_mm=(min(pixels), max(pixels)),
        section_thickness_mm=(min(thickness), max(thickness)),
        noise_hu=(min(noise, default=0.0), max(noise, default=0.0)),
    )
