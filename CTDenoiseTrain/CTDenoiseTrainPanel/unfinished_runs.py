"""Trainings that did not come to their end, such as when Slicer was closed: offered when the panel is entered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slicer
from slicer.i18n import tr as _

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.signal import Signal
from CTDenoisePanel.choices import Choice, chosen_value, show_choices
from CTDenoiseTrainScene.resumable import discard_run, remove_leftovers

from .training_text import run_line

if TYPE_CHECKING:
    from pathlib import Path

    from CTDenoiseTrainLib.runs.run_state import RunState

    from .training_runner import TrainingRunner


class UnfinishedRuns:
    """A frame above the sections, hidden while there is nothing to offer.

    Args:
        ui: Widgets of the panel.
        runner: Takes up what the user picks.

    Attributes:
        taken: Emits when the user has taken up a run, deleted one, or put the offer off.
        run: The run that is picked; `None` while there is none.
    """

    def __init__(self, ui: Any, runner: TrainingRunner) -> None:
        self.taken: Signal[[]] = Signal()
        self.run: RunState | None = None
        self._ui = ui
        self._runner = runner
        self._runs: dict[str, RunState] = {}
        self._put_off = False
        ui.runSelector.currentIndexChanged.connect(self._on_picked)
        ui.resumeRunButton.clicked.connect(self._on_resume)
        ui.openRunButton.clicked.connect(self._on_open)
        ui.deleteRunButton.clicked.connect(self._on_delete)
        ui.notNowButton.clicked.connect(self._on_not_now)

    def look(self) -> None:
        """Look what lies on the disk; the packages that this needs must be there."""
        remove_leftovers()
        self._put_off = False
        self.refresh()

    def refresh(self) -> None:
        """The same, without bringing an offer back that was put off."""
        self._runs = {str(run.folder): run for run in _unfinished()}

    def show(self) -> None:
        """Offer the runs, unless one is on or was put off."""
        at_hand = self._runner.session.folder if self._runner.session is not None else None
        runs = {key: run for key, run in self._runs.items() if run.folder != at_hand}
        choices = [Choice(key, run_line(run), key) for key, run in runs.items()]
        chosen = chosen_value(self._ui.runSelector)
        chosen = chosen if chosen in runs else next(iter(runs), "")
        show_choices(self._ui.runSelector, choices, chosen)
        self.run = runs.get(chosen)
        self._ui.runsFrame.setVisible(bool(runs) and not self._put_off and not self._runner.begun)

    def _on_picked(self, *_args: object) -> None:
        self.taken.emit()

    def _on_resume(self, *_args: object) -> None:
        if self._open() and self._runner.session is not None:
            self._runner.session.resume()

    def _on_open(self, *_args: object) -> None:
        self._open()

    def _open(self) -> bool:
        if self.run is None:
            return False
        self._runner.open(self.run.folder)
        self.taken.emit()
        return True

    def _on_delete(self, *_args: object) -> None:
        run = self.run
        question = _("Delete the training “{name}” with all it has learnt?")
        if run is None or not slicer.util.confirmYesNoDisplay(question.format(name=run.name), _("CT Denoise Train")):
            return
        self._delete(run.folder)

    def _delete(self, folder: Path) -> None:
        try:
            discard_run(folder)
        except CTDenoiseError as error:
            slicer.util.errorDisplay(str(error))
        self.refresh()
        self.taken.emit()

    def _on_not_now(self, *_args: object) -> None:
        self._put_off = True
        self.taken.emit()


def _unfinished() -> tuple[RunState, ...]:
    """Runs that can be gone on with, and those whose result nobody has kept or discarded; the latest first."""
    from CTDenoiseTrainLib.runs.run_folder import default_parent, runs_in

    return tuple(
        run
        for run in runs_in(default_parent())
        if run.kept_as is None and not run.running and (run.resumable or run.has_result)
    )
