"""What Slicer's views show of a training, and the way back to the user's own layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from CTDenoisePanel.choices import Choice, chosen_value, show_choices
from CTDenoiseTrainScene.stage import Stage

if TYPE_CHECKING:
    from CTDenoiseTrainScene.training_layout import TrainingLayout


class ViewControls:
    """A button that shows and leaves the layout of trainings, and a menu of what there is to see in it.

    Args:
        ui: Widgets of the panel.
        layout: The layout; `None` where there are no views.
    """

    def __init__(self, ui: Any, layout: TrainingLayout | None) -> None:
        self._button, self._menu = ui.viewsButton, ui.stageSelector
        self._layout = layout
        self._button.clicked.connect(self._on_button)
        self._menu.currentIndexChanged.connect(self._on_stage)

    def show(self) -> None:
        """Show where the layout stands."""
        layout = self._layout
        stages = layout.stages if layout is not None else ()
        titles = {
            Stage.IMAGES: _("Images and noise"),
            Stage.PATCHES: _("Patches"),
            Stage.NETWORK: _("What the network makes"),
        }
        stage = layout.stage if layout is not None else None
        choices = [Choice(one.name, titles[one]) for one in stages]
        show_choices(self._menu, choices, stage.name if stage is not None else "")
        self._button.checked = layout is not None and layout.active

    def _on_button(self, shown: bool) -> None:
        if self._layout is not None:
            self._layout.show() if shown else self._layout.leave()

    def _on_stage(self, *_args: object) -> None:
        if self._layout is not None:
            self._layout.show(Stage[chosen_value(self._menu)])
