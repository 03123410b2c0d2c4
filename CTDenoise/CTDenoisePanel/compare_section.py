"""The section Compare: layouts, windows, fading between input and output, and how the difference is shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from CTDenoiseScene.comparison import Comparison, ComparisonVolumes, Role
from CTDenoiseScene.difference_display import DifferenceColours
from CTDenoiseScene.window_level import PRESETS, WindowLevel

from .choices import Choice, chosen_value, show_choices

if TYPE_CHECKING:
    import slicer

    from CTDenoiseScene.comparison_layout import ComparisonLayout

    from .parameters import Parameters

_LAYOUT_BUTTONS = {
    "inputOutputDifferenceButton": Comparison.INPUT_OUTPUT_DIFFERENCE,
    "smoothSharpDenoisedButton": Comparison.SMOOTH_SHARP_DENOISED,
    "twoByTwoButton": Comparison.TWO_BY_TWO,
}
_PRESET_BUTTONS = {
    "spineBoneButton": PRESETS["Spine / bone"],
    "softTissueButton": PRESETS["Soft tissue"],
    "lungButton": PRESETS["Lung"],
    "myelographyButton": PRESETS["Myelography"],
}


class CompareSection:
    """Shows the comparison that the user asks for, and keeps it up to date.

    Args:
        ui: Widgets of the panel.
        layout: Shows the comparison; `None` when there are no views.
    """

    def __init__(self, ui: Any, layout: ComparisonLayout | None) -> None:
        self._ui = ui
        self._layout = layout
        self._parameters: Parameters | None = None
        self._volumes = ComparisonVolumes()
        self._asked_for: tuple[object, ...] = ()
        for name, comparison in _LAYOUT_BUTTONS.items():
            getattr(ui, name).clicked.connect(partial(self._on_layout, comparison))
        for name, preset in _PRESET_BUTTONS.items():
            button = getattr(ui, name)
            button.toolTip = _("Window {window:g} HU, level {level:g} HU").format(**vars(preset))
            button.clicked.connect(partial(self._on_preset, preset))
        ui.leaveButton.clicked.connect(self._on_leave)
        ui.blinkButton.clicked.connect(self._on_blink)
        ui.differenceColourSelector.currentIndexChanged.connect(self._on_colours)
        if layout is not None:
            layout.difference.changed.connect(self._on_difference_window)

    @property
    def active(self) -> Comparison | None:
        """The comparison on screen."""
        return self._layout.active if self._layout else None

    @property
    def shows_in_place(self) -> bool:
        """Whether input and output can be blinked and faded."""
        return self._layout is not None and self._layout.in_place is not None

    def show(self, volumes: ComparisonVolumes, parameters: Parameters | None) -> None:
        """Bring what is on screen up to date with the volumes and the parameters."""
        self._volumes, self._parameters = volumes, parameters
        for name, comparison in _LAYOUT_BUTTONS.items():
            getattr(self._ui, name).checked = comparison is self.active
        self._show_colours()
        layout = self._layout
        if layout is None or parameters is None:
            return
        if layout.active is not None:
            self._show_comparison(layout.active)
        layout.difference.width_hu = parameters.difference_width
        if layout.difference.colours is not parameters.difference_colours:
            layout.difference.colours = parameters.difference_colours
        if layout.in_place is not None:
            layout.in_place.share = parameters.fade / 100

    def open(self) -> None:
        """Show a comparison unless one is on screen already, with the row for chart and table if it is wanted."""
        if self.active is None:
            self._on_layout(self._most_fitting())
        else:
            self._show_comparison(self.active)

    def _most_fitting(self) -> Comparison:
        """Input and output, or what there is while nothing is denoised."""
        volumes = self._volumes
        if volumes.denoised is None and volumes.smooth is not None and volumes.of(Role.SHARP) is not None:
            return Comparison.SMOOTH_SHARP_DENOISED
        return Comparison.INPUT_OUTPUT_DIFFERENCE

    def _on_layout(self, comparison: Comparison, *_args: object) -> None:
        if self._parameters is not None:
            self._parameters.fade = 0.0
            self._asked_for = ()
            self._show_comparison(comparison)

    def _show_comparison(self, comparison: Comparison) -> None:
        """Show it as the parameters say, once: showing it tells everybody, us too, that something has changed."""
        if self._layout is None or self._parameters is None:
            return
        wanted = (comparison, self._volumes, self._parameters.plot_row)
        if wanted != self._asked_for:
            self._asked_for = wanted
            self._layout.show(comparison, self._volumes, plot=self._parameters.plot_row)

    def _on_leave(self, *_args: object) -> None:
        if self._layout is not None:
            self._layout.leave()

    def _on_preset(self, preset: WindowLevel, *_args: object) -> None:
        volumes = self._volumes
        for volume in {volumes.input, volumes.smooth, volumes.sharp, volumes.denoised} - {None}:
            _set_window(volume, preset)

    def _on_blink(self, *_args: object) -> None:
        in_place = self._layout.in_place if self._layout else None
        if in_place is not None and self._parameters is not None:
            in_place.blink()
            self._parameters.fade = 100 * in_place.share

    def _on_difference_window(self) -> None:
        """The user changed the window of the difference with the mouse."""
        if self._layout is not None and self._parameters is not None:
            self._parameters.difference_width = min(max(self._layout.difference.width_hu, 10.0), 1000.0)

    def _show_colours(self) -> None:
        texts = {DifferenceColours.GREY: _("Grey"), DifferenceColours.DIVERGING: _("Blue – red")}
        choices = [Choice(colours.name, text) for colours, text in texts.items()]
        chosen = self._parameters.difference_colours if self._parameters else DifferenceColours.GREY
        show_choices(self._ui.differenceColourSelector, choices, chosen.name)

    def _on_colours(self, *_args: object) -> None:
        if self._parameters is not None:
            self._parameters.difference_colours = DifferenceColours[chosen_value(self._ui.differenceColourSelector)]


def _set_window(volume: slicer.vtkMRMLScalarVolumeNode, preset: WindowLevel) -> None:
    """Shared windows follow by themselves."""
    display = volume.GetScalarVolumeDisplayNode()
    if display is not None:
        display.SetAutoWindowLevel(False)
        display.SetWindowLevel(preset.window, preset.level)
