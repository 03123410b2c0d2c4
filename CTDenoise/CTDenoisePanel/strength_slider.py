"""The slider for the strength: live on the slices on screen while dragged, in the whole volume when let go."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from CTDenoiseLib.errors import CTDenoiseError

if TYPE_CHECKING:
    from CTDenoiseScene.results import Results

    from .parameters import Parameters
    from .runner import Runner
    from .views import Views


class StrengthSlider:
    """Binds the slider to the results that are shown; the value itself is bound to the parameters by the .ui file.

    Args:
        ui: Widgets of the panel.
        runner: Changes the strength.
        views: Tells what is on screen.
    """

    def __init__(self, ui: Any, runner: Runner, views: Views) -> None:
        self._runner = runner
        self._views = views
        self._parameters: Parameters | None = None
        self._results: Results | None = None
        self._previewed = False
        self._chosen = False
        # The slider does not track: the one signal comes with each step of a drag, the other when it ends.
        ui.strengthSlider.valueIsChanging.connect(self._on_dragged)
        ui.strengthSlider.valueChanged.connect(self._on_chosen)

    def show(self, results: Results | None, parameters: Parameters | None) -> None:
        """Give the results the strength that was chosen; other results than before bring theirs."""
        self._parameters = parameters
        if parameters is None:
            self._results = None
        elif results != self._results:
            self._results = results
            if results is not None:
                parameters.strength = float(round(100 * results.strength))
            self._previewed = self._chosen = False
        elif self._chosen:
            self._apply(parameters.strength / 100)
            self._previewed = self._chosen = False

    def _apply(self, strength: float) -> None:
        results = self._results
        if results is None or self._previewed or abs(results.strength - strength) > 1e-4:
            with suppress(CTDenoiseError):  # then the slider is disabled, and its tooltip says why
                self._runner.apply_strength(results, strength)

    def _on_dragged(self, percent: float) -> None:
        if self._parameters is None or self._parameters.strength == percent:
            return  # not the user moved the slider, but a script or a scene file, by the parameter
        output = self._results.output if self._results else None
        self._previewed = True
        with suppress(CTDenoiseError):
            self._runner.preview_strength(self._results, percent / 100, self._views.sections(output))

    def _on_chosen(self, *_args: object) -> None:
        self._chosen = True
