"""Whether what a recipe asks for is possible, as far as the recipe alone tells."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

from ..errors import RecipeError
from .content import CaseFiles, DataOptions, FineTuning, PatchOptions, Recipe, TrainingOptions

SMALLEST_SHARE = 0.05
SMALLEST_SIDE = 16

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# What a case must have, by source of pairs, and in words.
_NEEDS: dict[str, tuple[Callable[[CaseFiles], bool], str]] = {
    "noise-maps, reconstructions": (lambda case: bool(case.noisy and case.iterative), "“noisy” and “iterative”"),
    "noise-maps, adjacent-sections": (lambda case: bool(case.noisy), "“noisy”"),
    "noise-maps, repeated-scans": (lambda case: len(case.repeats) >= 2, "at least two “repeats”"),
    "dose-pairs": (lambda case: bool(case.noisy and case.clean), "“noisy” and “clean”"),
    "kernel-pairs": (lambda case: bool(case.noisy and case.clean), "“noisy” and “clean”"),
    "resolution-pairs": (lambda case: bool(case.noisy and case.clean), "“noisy” and “clean”"),
    "repeats": (lambda case: len(case.repeats) >= 2, "at least two “repeats”"),
    "self-supervised": (lambda case: bool(case.noisy), "“noisy”"),
    "averages": (lambda case: len(case.repeats) >= 3, "at least three “repeats”"),
}


def check_recipe(recipe: Recipe) -> None:
    """See that a recipe is possible.

    Raises:
        RecipeError: The first thing that is not, in a sentence.
    """
    for problem in _problems(recipe):
        raise RecipeError(problem)


def _problems(recipe: Recipe) -> Iterator[str]:
    if not _NAME.fullmatch(recipe.name):
        yield f"“name” is “{recipe.name}”; use lower-case letters, digits and single hyphens, such as “our-qr89”."
    if recipe.seed < 0:
        yield f"“seed” is {recipe.seed}; it must be 0 or more."
    if not recipe.network.scale_hu > 0:
        yield f"“network.scale_hu” is {recipe.network.scale_hu:g}; it must be more than 0."
    yield from _problems_of_data(recipe.data)
    yield from _problems_of_patches(recipe.patches, recipe.training.batch)
    yield from _problems_of_training(recipe.training)
    if recipe.fine_tuning is not None:
        yield from _problems_of_fine_tuning(recipe.fine_tuning)


def _problems_of_data(data: DataOptions) -> Iterator[str]:
    if not data.cases:
        yield "“data.cases” is empty; name the images of at least one patient or phantom."
    yield from _problems_of_cases(data)
    if not 0 < data.validation_share <= 0.5:
        yield f"“data.validation_share” is {data.validation_share:g}; it must be more than 0 and at most 0.5."
    if data.target_sections < 1 or data.sections_apart < 1:
        yield "“data.target_sections” and “data.sections_apart” must be 1 or more."
    if data.source == "averages" and not 1 <= data.averaged < min(len(case.repeats) for case in data.cases):
        yield (
            f"“data.averaged” is {data.averaged}; it must be at least 1 and less than the number of repeats of each "
            "case, or nothing is left to learn from."
        )
    if not data.memory_gb > 0:
        yield f"“data.memory_gb” is {data.memory_gb:g}; it must be more than 0."


def _problems_of_cases(data: DataOptions) -> Iterator[str]:
    kind = f"noise-maps, {data.method}" if data.source == "noise-maps" else data.source
    has_it, needed = _NEEDS[kind]
    for index, case in enumerate(data.cases):
        if not has_it(case):
            yield f"“data.cases[{index}]” needs {needed} for the source “{kind}”."
    for index, case in enumerate(data.cases):
        if not case.patient.strip():
            yield f"“data.cases[{index}].patient” is empty; give each patient a label, such as “A”."


def _problems_of_patches(patches: PatchOptions, batch: int) -> Iterator[str]:
    if patches.side < SMALLEST_SIDE:
        yield f"“patches.side” is {patches.side}; it must be {SMALLEST_SIDE} or more."
    if batch < 1 or patches.patches_per_epoch < batch or patches.patches_per_epoch % batch:
        yield (
            f"“patches.patches_per_epoch” is {patches.patches_per_epoch}; it must be a multiple of “training.batch”, "
            f"which is {batch}."
        )
    if patches.shift_pixels < 0:
        yield f"“patches.shift_pixels” is {patches.shift_pixels}; it must be 0 or more."
    low, high = patches.noise_scale
    if not 0 < low <= high < math.inf:
        yield f"“patches.noise_scale” is from {low:g} to {high:g}; it must be a range above 0, the lower value first."
    shares = (patches.soft_tissue, patches.bone, patches.edges)
    if min(shares) < 0 or not math.isclose(sum(shares), 1, abs_tol=1e-6):
        yield f"The shares of soft tissue, bone and edges add up to {sum(shares):g}; they must be 0 or more and make 1."


def _problems_of_training(training: TrainingOptions) -> Iterator[str]:
    if training.epochs < 1:
        yield f"“training.epochs” is {training.epochs}; it must be 1 or more."
    if not 0 < training.lowest_rate <= training.highest_rate < math.inf:
        yield "“training.lowest_rate” must be above 0 and no higher than “training.highest_rate”."
    if not training.gradient_norm > 0:
        yield f"“training.gradient_norm” is {training.gradient_norm:g}; it must be more than 0."
    if not 0 <= training.averaging < 1:
        yield f"“training.averaging” is {training.averaging:g}; it must be at least 0 and less than 1."
    if min(training.warm_up_steps, training.patience) < 0 or training.validation_sections < 1:
        yield (
            "“training.warm_up_steps” and “training.patience” must be 0 or more, “training.validation_sections” 1 or "
            "more."
        )
    if not training.checkpoint_minutes > 0:
        yield f"“training.checkpoint_minutes” is {training.checkpoint_minutes:g}; it must be more than 0."
    if training.level_offset_hu is not None and not training.level_offset_hu > 0:
        yield f"“training.level_offset_hu” is {training.level_offset_hu:g}; leave it out, or give more than 0."
    loss = training.feature_loss
    if loss.weight < 0:
        yield f"“training.feature_loss.weight” is {loss.weight:g}; it must be 0 or more."
    if loss.weight > 0 and not (loss.weights_file and re.fullmatch(r"[0-9a-f]{64}", loss.sha256)):
        yield (
            "The feature loss needs “weights_file”, the VGG16 weights as safetensors, and their “sha256” of 64 "
            "hexadecimal digits."
        )


def _problems_of_fine_tuning(fine_tuning: FineTuning) -> Iterator[str]:
    if not SMALLEST_SHARE <= fine_tuning.share <= 1:
        yield f"“fine_tuning.share” is {fine_tuning.share:g}; it must be from {SMALLEST_SHARE} to 1."
