"""From the options of `ctdenoise finetune` to a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from CTDenoiseLib.models import ModelCard

from ..errors import RecipeError
from ..recipe.check import check_recipe
from ..recipe.content import CaseFiles, DataOptions, FineTuning, Layers, NetworkOptions, Recipe, Source
from ..recipe.presets import PRESETS
from .series_option import NamedSeries


@dataclass(frozen=True, kw_only=True)
class Images:
    """Series named on the command line.

    Attributes:
        noisy: Of one patient or several; a name is the label of the patient.
        clean: A clean counterpart of each, or none.
        clean_is: The source of pairs if there are clean counterparts.
        iterative: An iterative reconstruction of each, or none.
        repeats: Scans of one object, in place of all others.
    """

    noisy: Sequence[NamedSeries] = ()
    clean: Sequence[NamedSeries] = ()
    clean_is: Source = "dose-pairs"
    iterative: Sequence[NamedSeries] = ()
    repeats: Sequence[NamedSeries] = ()

    def data(self) -> DataOptions:
        """The images as cases, and how they become pairs.

        Raises:
            RecipeError: They do not belong together.
        """
        self._check()
        if self.repeats:
            case = CaseFiles(patient="1", repeats=tuple(one.file for one in self.repeats))
            return DataOptions(source="repeats", cases=(case,))
        source: Source = "noise-maps" if self.iterative else self.clean_is if self.clean else "self-supervised"
        return DataOptions(source=source, cases=tuple(map(self._case, range(len(self.noisy)))))

    def _case(self, index: int) -> CaseFiles:
        noisy = self.noisy[index]
        return CaseFiles(
            patient=noisy.name or str(index + 1),
            noisy=noisy.file,
            clean=self.clean[index].file if self.clean else None,
            iterative=self.iterative[index].file if self.iterative else None,
        )

    def _check(self) -> None:
        if bool(self.repeats) + bool(self.clean) + bool(self.iterative) > 1:
            raise RecipeError("Name one of --clean, --iterative and --repeat; they are different sources of pairs.")
        if bool(self.noisy) == bool(self.repeats) or len(self.repeats) == 1:
            raise RecipeError("Name what to learn from: series with --noisy, or two scans or more with --repeat.")
        for option, others in (("--clean", self.clean), ("--iterative", self.iterative)):
            if others and len(others) != len(self.noisy):
                raise RecipeError(
                    f"There are {len(self.noisy)} × --noisy and {len(others)} × {option}; name one for each."
                )


def fine_tuning_recipe(  # noqa: PLR0913 - the options of the command
    parent: ModelCard,
    images: Images,
    *,
    name: str,
    layers: Layers,
    share: float,
    preset: str,
    training: Mapping[str, Any],
    seed: int,
) -> Recipe:
    """The recipe that the options describe.

    Args:
        parent: Card of the model that is fine-tuned.
        images: What there is.
        name: Of the model to be.
        layers: Which learn.
        share: Of the training sections.
        preset: Key of a preset.
        training: Fields of `TrainingOptions` on top of the preset; `None` leaves what it says.
        seed: Of everything that chance decides.

    Raises:
        RecipeError: The images do not belong together, or an option is out of range.
    """
    recipe = _preset(preset, Recipe(name=name, data=images.data(), seed=seed))
    changed = replace(recipe.training, **{key: value for key, value in training.items() if value is not None})
    if not changed.highest_rate > 0:
        raise RecipeError(f"--rate is {changed.highest_rate:g}; it must be more than 0.")
    recipe = replace(
        recipe,
        training=replace(changed, lowest_rate=min(changed.lowest_rate, changed.highest_rate)),
        network=NetworkOptions(
            name=parent.network.name,
            configuration=dict(parent.network.configuration),
            scale_hu=parent.scaling.scale_hu,
        ),
        fine_tuning=FineTuning(model=parent.name, layers=layers, share=share),
    )
    check_recipe(recipe)
    return recipe


def _preset(key: str, recipe: Recipe) -> Recipe:
    for preset in PRESETS:
        if preset.key == key:
            return preset.apply(recipe)
    raise RecipeError(f"There is no preset “{key}”; there are {', '.join(preset.key for preset in PRESETS)}.")
