"""The store of models: those that came with CTDenoise, and the user's own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from .card import ModelCard
from .errors import BundledModelError, DamagedModelError, ModelExistsError, UnknownModelError
from .files import card_path, card_paths, delete_model, read_weights, write_model
from .model import Model

USER_FOLDER_VARIABLE = "CTDENOISE_MODELS"
_PACKAGE = Path(__file__).resolve().parent.parent
# Where the bundled models lie in a Slicer installation, in a checkout, and in an installed wheel.
_BUNDLED_FOLDERS = tuple(base / "Resources" / "Models" for base in (_PACKAGE.parent, _PACKAGE.parent.parent, _PACKAGE))


@dataclass(frozen=True)
class StoredModel:
    """A model in the store.

    Attributes:
        card: Its card.
        folder: Where its two files lie.
        bundled: Whether it came with CTDenoise.
    """

    card: ModelCard
    folder: Path
    bundled: bool


@dataclass(frozen=True)
class DamagedCard:
    """A card that cannot be used, and the sentence that says why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class ModelStore:
    """Models by name. Looking at cards needs no torch; `load`, `add` and `verify` do.

    Attributes:
        bundled_folder: Models that came with CTDenoise, never changed; `None` when there are none.
        user_folder: The user's models; need not exist.
    """

    bundled_folder: Path | None
    user_folder: Path

    @classmethod
    def default(cls) -> ModelStore:
        """The bundled models and the user's, whose folder the environment variable CTDENOISE_MODELS can name."""
        bundled = next((folder for folder in _BUNDLED_FOLDERS if folder.is_dir()), None)
        chosen = os.environ.get(USER_FOLDER_VARIABLE)
        user = Path(chosen).expanduser() if chosen else user_data_path("CTDenoise", appauthor=False) / "Models"
        return cls(bundled, user)

    @property
    def default_model(self) -> str:
        """Name of the model to use when none is named: the first bundled one, else the first of the user's.

        Raises:
            UnknownModelError: The store is empty.
        """
        models = self.models()
        if not models:
            raise UnknownModelError("There is no model; add one with “ctdenoise models add CARD.json”.")
        return models[0].card.name

    def models(self) -> tuple[StoredModel, ...]:
        """All models with a readable card, bundled ones first, each sorted by name."""
        return self._survey()[0]

    def damaged(self) -> tuple[DamagedCard, ...]:
        """The cards that cannot be used, each with the reason."""
        return self._survey()[1]

    def cards(self) -> tuple[ModelCard, ...]:
        """The cards of `models()`."""
        return tuple(model.card for model in self.models())

    def model(self, name: str) -> StoredModel:
        """Find a model.

        Raises:
            DamagedModelError: Its card cannot be used.
            UnknownModelError: There is none of that name.
        """
        models, damaged = self._survey()
        for model in models:
            if model.card.name == name:
                return model
        for card in damaged:
            if card.path.stem == name:
                raise DamagedModelError(card.reason)
        known = ", ".join(model.card.name for model in models) or "none"
        raise UnknownModelError(f"There is no model “{name}”; known are: {known}.")

    def card(self, name: str) -> ModelCard:
        """The card of a model; errors as for `model`."""
        return self.model(name).card

    def load(self, name: str) -> Model:
        """Load a model, its weights checked against the SHA256 in its card.

        Raises:
            UnknownModelError: There is none of that name.
            DamagedModelError: Card or weights are damaged or do not fit each other.
        """
        stored = self.model(name)
        return _model_of(stored.card, read_weights(stored.card, stored.folder))

    def verify(self, name: str) -> None:
        """Do all checks of `load`, with its errors."""
        self.load(name)

    def add(self, path: Path, *, overwrite: bool = False) -> ModelCard:
        """Copy a model, its card and the weights beside it, to the user's folder after all checks of `load`.

        Raises:
            DamagedModelError: Card or weights are damaged or do not fit each other.
            BundledModelError: A bundled model has the name.
            ModelExistsError: One of the user's models has the name and may not be replaced.
            OutputExistsError: A stray weights file has the name and may not be replaced.
            WriteFailedError: The disk does not take the model.
        """
        card = ModelCard.read(path)
        if self._is_bundled(card.name):
            raise BundledModelError(f"A model “{card.name}” comes with CTDenoise; give yours another name.")
        if card_path(self.user_folder, card.name).exists() and not overwrite:
            raise ModelExistsError(f"There is already a model “{card.name}”; remove it first or ask to overwrite it.")
        weights = read_weights(card, path.parent)
        _model_of(card, weights)
        write_model(self.user_folder, card, weights, overwrite=overwrite)
        return card

    def remove(self, name: str) -> None:
        """Delete one of the user's models, also one with a damaged card.

        Raises:
            BundledModelError: It came with CTDenoise.
            UnknownModelError: There is none of that name.
            ModelError: The system does not allow it.
        """
        mine = next((path for path in card_paths(self.user_folder) if path.stem == name), None)
        if mine is None and self._is_bundled(name):
            raise BundledModelError(f"The model “{name}” comes with CTDenoise and stays; only your own can be removed.")
        if mine is None:
            known = ", ".join(path.stem for path in card_paths(self.user_folder)) or "none"
            raise UnknownModelError(f"You have no model “{name}”; those that can be removed are: {known}.")
        delete_model(mine)

    def _is_bundled(self, name: str) -> bool:
        return any(path.stem == name for path in card_paths(self.bundled_folder))

    def _survey(self) -> tuple[tuple[StoredModel, ...], tuple[DamagedCard, ...]]:
        """All models, and all cards that cannot be used."""
        models: list[StoredModel] = []
        damaged: list[DamagedCard] = []
        for folder, bundled in ((self.bundled_folder, True), (self.user_folder, False)):
            for path in card_paths(folder):
                try:
                    card = self._read_own_card(path, bundled=bundled)
                    models.append(StoredModel(card, path.parent, bundled))
                except DamagedModelError as error:
                    damaged.append(DamagedCard(path, str(error)))
        return tuple(models), tuple(damaged)

    def _read_own_card(self, path: Path, *, bundled: bool) -> ModelCard:
        """Read a card in one of the folders, where its file name counts."""
        card = ModelCard.read(path)
        if card.name != path.stem:
            raise DamagedModelError(f"The model card “{path}” is of “{card.name}”; rename it to “{card.name}.json”.")
        if not bundled and self._is_bundled(card.name):
            raise DamagedModelError(
                f"The model card “{path}” has the name of a model that comes with CTDenoise; remove it or rename it."
            )
        return card


def _model_of(card: ModelCard, weights: bytes) -> Model:
    """The model of a card and the bytes of its weights file, after all checks."""
    # Torch stays out of processes that only look at cards, such as Slicer's, which has none.
    from .weights import network_with_weights

    return Model(card, network_with_weights(card, weights))
