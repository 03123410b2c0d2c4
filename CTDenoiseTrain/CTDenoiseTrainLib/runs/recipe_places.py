"""What a recipe names, seen from another folder: a run holds a copy of its recipe, which must find the same images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..recipe.content import CaseFiles, Recipe, SeriesFile


def move_recipe(recipe: Recipe, *, base: Path, home: Path) -> Recipe:
    """The recipe that names the same files from another folder.

    Args:
        recipe: The recipe.
        base: Folder that its relative paths start from now.
        home: Folder that they shall start from. What lies in it gets a relative path, so that the folder can be moved;
            all else an absolute one.
    """

    def move(path: str) -> str:
        file = (base / Path(path).expanduser()).resolve()
        return file.relative_to(home.resolve()).as_posix() if file.is_relative_to(home.resolve()) else str(file)

    def move_series(series: SeriesFile | None) -> SeriesFile | None:
        return None if series is None else replace(series, path=move(series.path))

    def move_case(case: CaseFiles) -> CaseFiles:
        return replace(
            case,
            noisy=move_series(case.noisy),
            clean=move_series(case.clean),
            iterative=move_series(case.iterative),
            repeats=tuple(replace(series, path=move(series.path)) for series in case.repeats),
        )

    feature_loss = recipe.training.feature_loss
    if feature_loss.weights_file:
        feature_loss = replace(feature_loss, weights_file=move(feature_loss.weights_file))
    return replace(
        recipe,
        data=replace(recipe.data, cases=tuple(move_case(case) for case in recipe.data.cases)),
        training=replace(recipe.training, feature_loss=feature_loss),
    )
