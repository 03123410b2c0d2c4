"""The section Recipe: a new model or which one to fine-tune, a preset, and its figures for who wants to see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from CTDenoiseLib.signal import Signal
from CTDenoisePanel.choices import Choice, chosen_value, show_choices
from CTDenoiseTrainLib.recipe.presets import PRESETS

from .presets import FOR_FINE_TUNING, FOR_NEW_MODELS, changed_figures, fill_in, preset_of, preset_title

if TYPE_CHECKING:
    from .parameters import Parameters


class RecipeSection:
    """Shows the preset. The figures are bound to the parameters by the .ui file.

    Args:
        ui: Widgets of the panel.

    Attributes:
        chosen: The user chose the preset of this key.
    """

    def __init__(self, ui: Any) -> None:
        self.chosen: Signal[str] = Signal()
        self._ui = ui
        self._for_fine_tuning: bool | None = None
        ui.presetSelector.currentIndexChanged.connect(self._on_preset)
        # Who picks the preset that is chosen already wants its figures back.
        ui.presetSelector.activated.connect(self._on_preset)

    def show(self, parameters: Parameters | None) -> None:
        """Show the preset of the parameters; parameters that know none yet get one."""
        self._suit(parameters)
        choices = [Choice(preset.key, preset_title(preset), preset.sentence) for preset in PRESETS]
        show_choices(self._ui.presetSelector, choices, parameters.preset if parameters is not None else "")
        self._ui.presetLabel.text = _sentence(parameters) if parameters is not None else ""
        fine_tuning = parameters is not None and bool(parameters.model)
        for widget in (self._ui.layersLabel, self._ui.layersSelector, self._ui.shareLabel, self._ui.shareSpinBox):
            widget.setVisible(fine_tuning)

    def _suit(self, parameters: Parameters | None) -> None:
        """Who goes from a new model to fine-tuning or back gets the preset for it, unless he has changed a figure."""
        if parameters is None:
            self._for_fine_tuning = None
            return
        fine_tuning = bool(parameters.model)
        turned = self._for_fine_tuning is not None and fine_tuning != self._for_fine_tuning
        self._for_fine_tuning = fine_tuning
        usual, other = (FOR_FINE_TUNING, FOR_NEW_MODELS) if fine_tuning else (FOR_NEW_MODELS, FOR_FINE_TUNING)
        unchanged = parameters.preset == other and not changed_figures(parameters)
        if not parameters.preset or (turned and unchanged):
            fill_in(parameters, usual)

    def _on_preset(self, *_args: object) -> None:
        self.chosen.emit(chosen_value(self._ui.presetSelector))


def _sentence(parameters: Parameters) -> str:
    sentence = preset_of(parameters).sentence
    return f"{sentence} {_('Figures were changed below.')}" if changed_figures(parameters) else sentence
