"""The section Train: start, pause, resume and stop, and how far the training is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from CTDenoiseLib.signal import Signal
from CTDenoisePanel.message_line import MessageLine
from CTDenoiseTrainScene.training_state import TrainingState

from .training_text import ended_line, look_page, step_details, step_line, step_percent

if TYPE_CHECKING:
    from CTDenoiseTrainLib.worker.messages import DataSeen, StepDone, Trained

    from .training_runner import TrainingRunner

_MAY_STOP = (TrainingState.TRAINING, TrainingState.PAUSING, TrainingState.PAUSED)


class TrainSection:
    """Steers the training, and looks at its data before.

    Args:
        ui: Widgets of the panel.
        runner: Runs what is started here.

    Attributes:
        message: Line for what happened.
        look_wanted: The user wants to see the data.
        start_wanted: The user wants to train.
    """

    def __init__(self, ui: Any, runner: TrainingRunner) -> None:
        self.message = MessageLine(ui.trainMessageLabel)
        self.look_wanted: Signal[[]] = Signal()
        self.start_wanted: Signal[[]] = Signal()
        self._ui = ui
        self._runner = runner
        ui.lookButton.clicked.connect(self._on_look)
        ui.startButton.clicked.connect(self._on_start)
        ui.pauseButton.clicked.connect(self._on_pause)
        ui.stopButton.clicked.connect(self._on_stop)
        runner.state_changed.connect(self._on_state)
        runner.progress.connect(self._on_progress)
        runner.step_done.connect(self._on_step)
        runner.data_seen.connect(self._on_data_seen)
        runner.trained.connect(self._on_trained)
        runner.note.connect(self._on_note)
        runner.failed.connect(self.message.error)
        self._on_state(runner.state)
        self.forget_look()

    def show(self) -> None:
        """Let the buttons say what they do now."""
        state = self._runner.state
        pausing = state in (TrainingState.TRAINING, TrainingState.PAUSING)
        self._ui.pauseButton.text = _("Pause") if pausing or not self.can_resume else _("Resume")
        self._ui.stopButton.text = _("Stop now") if state is TrainingState.STOPPING else _("Stop")
        self._ui.progressBar.setVisible(state.busy)
        self._ui.progressLabel.setVisible(state.busy)

    @property
    def can_resume(self) -> bool:
        """Whether there is something to go on with."""
        session = self._runner.session
        return session is not None and session.can_resume

    def forget_look(self) -> None:
        """What was seen of the data holds no more."""
        self._ui.lookLabel.setVisible(False)

    def _on_look(self, *_args: object) -> None:
        self.message.clear()
        self.look_wanted.emit()

    def _on_start(self, *_args: object) -> None:
        self.message.clear()
        self.start_wanted.emit()

    def _on_pause(self, *_args: object) -> None:
        session = self._runner.session
        if session is None:
            return
        if session.state is TrainingState.TRAINING:
            session.pause()
        else:
            self.message.clear()
            session.resume()

    def _on_stop(self, *_args: object) -> None:
        """Stop in good order; what cannot be stopped so, or is asked a second time, ends at once."""
        session = self._runner.session
        if session is None:
            return
        if session.state in _MAY_STOP:
            session.stop()
        else:
            session.cancel()

    def _on_progress(self, share: float) -> None:
        self._ui.progressBar.setRange(0, 100)
        self._ui.progressBar.setValue(round(100 * share))

    def _on_step(self, step: StepDone) -> None:
        self._ui.progressBar.setRange(0, 100)
        self._ui.progressBar.setValue(step_percent(step))
        if self._runner.state is TrainingState.TRAINING:
            self._ui.progressLabel.text = step_line(step)
            self._ui.progressLabel.toolTip = step_details(step)

    def _on_note(self, sentence: str) -> None:
        """What is going on at the moment ends in an ellipsis, and is gone with the moment."""
        if sentence.endswith("…"):
            self._ui.progressLabel.text = sentence
        else:
            self.message.note(sentence)

    def _on_data_seen(self, seen: DataSeen) -> None:
        self._ui.lookLabel.text = look_page(seen)
        self._ui.lookLabel.setVisible(True)

    def _on_trained(self, result: Trained) -> None:
        self.message.done(ended_line(result))

    def _on_state(self, state: TrainingState) -> None:
        text = _words().get(state, "")
        if text:
            self._ui.progressLabel.text = text
            self._ui.progressLabel.toolTip = ""
        if state in (TrainingState.PREPARING, TrainingState.LOOKING, TrainingState.TRAINING, TrainingState.KEEPING):
            self._ui.progressBar.setRange(0, 0)  # moves without a figure
        step = self._runner.session.last_step if self._runner.session is not None else None
        if state is TrainingState.TRAINING and step is not None:  # after a pause
            self._on_step(step)
        if state is TrainingState.CANCELLED:
            goes_on = _("Cancelled; what was trained up to the last checkpoint stays, and can be resumed.")
            self.message.note(goes_on if self.can_resume else _("Cancelled."))
        elif state is TrainingState.FAILED and self.can_resume:
            self.message.error(_("The last checkpoint is safe; Resume goes on from there."))


def _words() -> dict[TrainingState, str]:
    """What is going on."""
    return {
        TrainingState.PREPARING: _("Copying the volumes into the folder of the training…"),
        TrainingState.LOOKING: _("Making noise maps, pairs and patches…"),
        TrainingState.TRAINING: _("Preparing the training…"),
        TrainingState.PAUSING: _("Pausing after the step at work…"),
        TrainingState.PAUSED: _("Paused; what was trained so far is safe."),
        TrainingState.STOPPING: _("Stopping: a checkpoint is written, and the result is measured…"),
        TrainingState.CANCELLING: _("Cancelling…"),
        TrainingState.KEEPING: _("Putting the model into the store…"),
    }
