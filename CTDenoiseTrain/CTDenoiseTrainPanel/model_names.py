"""Names for models to be: of the model they come from or of this site, and of the kernel they are for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from slicer.i18n import tr as _

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseTrainLib.recipe.check import check_recipe
from CTDenoiseTrainLib.recipe.content import CaseFiles, DataOptions, Recipe, SeriesFile

if TYPE_CHECKING:
    from CTDenoiseLib.models.card import ModelCard

_OWN = "own"
_MOST_LETTERS = 40


def proposed_name(parent: ModelCard | None, kernel: str, taken: Iterable[str]) -> str:
    """A name that no model has, such as “hrcnn-small-qr89” or “own-ct-2”.

    Args:
        parent: The model that is fine-tuned.
        kernel: Of the images; empty if unknown.
        taken: Names of models.
    """
    words = f"{parent.name if parent is not None else _OWN}-{kernel or 'ct'}".lower()
    name = re.sub(r"[^a-z0-9]+", "-", words)[:_MOST_LETTERS].strip("-")
    names = set(taken)
    numbered = (f"{name}-{number}" for number in range(2, len(names) + 3))
    return next(free for free in (name, *numbered) if free not in names)


def proposed_title(parent: ModelCard | None, kernel: str) -> str:
    """A line for menus."""
    images = kernel or "CT"
    if parent is None:
        return _("Own model for {images}").format(images=images)
    return _("{parent}, fine-tuned for {images}").format(parent=parent.title, images=images)


def name_problem(name: str, *, bundled: Iterable[str]) -> str:
    """Why a model cannot have a name, in a sentence; empty if it can.

    Args:
        name: The name.
        bundled: Names of models that came with CTDenoise.
    """
    if not name:
        return _("Give the model a name.")
    if name in set(bundled):
        return _("A model of this name came with CT Denoise; choose another name.")
    case = CaseFiles(patient="A", noisy=SeriesFile(path="any"))
    try:
        check_recipe(Recipe(name=name, data=DataOptions(source="self-supervised", cases=(case,))))
    except CTDenoiseError as error:
        return str(error)
    return ""
