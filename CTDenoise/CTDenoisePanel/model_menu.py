"""The menu of models and the box with the card of the chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qt
from slicer.i18n import tr as _

from CTDenoiseLib.signal import Signal

from .choices import Choice, chosen_value, show_choices
from .model_card_view import made_for_line, model_card_page

if TYPE_CHECKING:
    from CTDenoiseLib.models.card import ModelCard
    from CTDenoiseLib.models.store import StoredModel

    from .parameters import Parameters


class ModelMenu:
    """Shows the models of the store.

    Args:
        ui: Widgets of the panel.
        nothing: Entry above the models for none of them, with an empty value; without it, the first is chosen if none
            is named.

    Attributes:
        chosen: The user chose the model of this name.
        models: Those of the store.
        model: The chosen model; `None` while there is none.
        problem: Why there is none, for the user.
    """

    def __init__(self, ui: Any, *, nothing: Choice | None = None) -> None:
        self.chosen: Signal[str] = Signal()
        self.model: StoredModel | None = None
        self.problem = ""
        self._menu = ui.modelSelector
        self._page = ui.modelCardBrowser
        self._details = ui.modelDetailsButton
        self._nothing = nothing
        self.models: tuple[StoredModel, ...] = ()
        self._shown: ModelCard | None = None
        self._menu.currentIndexChanged.connect(self._on_chosen)
        self._details.toggled.connect(self._on_details)
        self._page.setVisible(False)

    def read_store(self) -> None:
        """Look which models there are; the packages that this needs must be there."""
        from CTDenoiseLib.models.store import ModelStore

        store = ModelStore.default()
        self.models = store.models()
        damaged = store.damaged()
        if not self.models and self._nothing is None:
            self.problem = damaged[0].reason if damaged else _("There is no model; install CT Denoise again.")

    def show(self, parameters: Parameters | None) -> None:
        """Show the models, and the one that the parameters name or else the first."""
        name = (parameters.model if parameters else "") or self._name_of_none
        self.model = next((model for model in self.models if model.card.name == name), None)
        if self.models:
            missing = _("This computer has no model “{name}”; choose another one.").format(name=name)
            self.problem = "" if self.model or not name else missing
        choices = [
            Choice(model.card.name, model.card.title, made_for_line(model.card.made_for)) for model in self.models
        ]
        if self._nothing is not None:
            choices.insert(0, self._nothing)
        show_choices(self._menu, choices, name)
        card = self.model.card if self.model else None
        if card is not self._shown:
            self._shown = card
            self._page.setHtml(model_card_page(card) if card else "")

    @property
    def _name_of_none(self) -> str:
        """What is chosen while no model is named."""
        return self.models[0].card.name if self.models and self._nothing is None else ""

    def _on_details(self, shown: bool) -> None:
        self._details.arrowType = qt.Qt.DownArrow if shown else qt.Qt.RightArrow
        self._page.setVisible(shown)

    def _on_chosen(self, *_args: object) -> None:
        self.chosen.emit(chosen_value(self._menu))
