"""Recipes as TOML files: written in full, with every default, and read strictly."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomli_w

from CTDenoiseLib.atomic import file_in_the_making

from ..errors import RecipeError
from .check import check_recipe
from .content import Recipe
from .read import from_plain

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from its file.

    Raises:
        RecipeError: The file is missing, no TOML, or no valid recipe.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RecipeError(f"There is no recipe {path}; check its name.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"The recipe {path} cannot be read: {error}.") from error
    return recipe_from_text(text, source=str(path))


def recipe_from_text(text: str, *, source: str = "given") -> Recipe:
    """A recipe from its text.

    Args:
        text: TOML.
        source: How errors call the recipe, such as its path.

    Raises:
        RecipeError: No TOML, or no valid recipe.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"The recipe {source} is no TOML: {error}.") from error
    try:
        recipe = from_plain(Recipe, content)
        check_recipe(recipe)
    except RecipeError as error:
        raise RecipeError(f"{source}: {error}") from error
    return recipe


def recipe_content(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain tables, lists and values, all defaults included; what is `None` is left out."""
    content: dict[str, Any] = _without_none(asdict(recipe))
    return content


def recipe_text(recipe: Recipe) -> str:
    """The recipe as TOML, all defaults included; `recipe_from_text` reads the same recipe from it."""
    return tomli_w.dumps(recipe_content(recipe))


def write_recipe(recipe: Recipe, path: Path, *, overwrite: bool = False) -> None:
    """Write a recipe, whole or not at all.

    Raises:
        OutputExistsError: The file exists and may not be replaced.
        WriteFailedError: The disk does not take it.
    """
    with file_in_the_making(path, overwrite=overwrite) as making:
        making.write_text(recipe_text(recipe), encoding="utf-8")


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(part) for key, part in value.items() if part is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(part) for part in value]
    return value
