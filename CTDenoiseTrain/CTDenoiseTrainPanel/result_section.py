"""The section Result: before and after, and what becomes of it: a model in the store, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slicer
from slicer.i18n import tr as _

from CTDenoiseLib.signal import Signal
from CTDenoisePanel.message_line import MessageLine
from CTDenoiseTrainScene.training_state import TrainingState

from .model_names import name_problem
from .training_text import result_page

if TYPE_CHECKING:
    from CTDenoiseLib.models.store import StoredModel
    from CTDenoiseTrainLib.worker.messages import Kept

    from .parameters import Parameters
    from .training_runner import TrainingRunner


class ResultSection:
    """Shows what the training came to. Name and title are bound to the parameters by the .ui file.

    Args:
        ui: Widgets of the panel.
        runner: Runs the training.

    Attributes:
        decided: Emits when a training was kept, discarded or left for later.
        name_problem: Why the model cannot be kept under the name, else empty.
    """

    def __init__(self, ui: Any, runner: TrainingRunner) -> None:
        self.decided: Signal[[]] = Signal()
        self.name_problem = ""
        self._ui = ui
        self._runner = runner
        self._message = MessageLine(ui.resultMessageLabel)
        self._parameters: Parameters | None = None
        self._models: tuple[StoredModel, ...] = ()
        ui.keepButton.clicked.connect(self._on_keep)
        ui.discardButton.clicked.connect(self._on_discard)
        ui.laterButton.clicked.connect(self._on_later)
        ui.useButton.clicked.connect(self._on_use)
        runner.kept.connect(self._on_kept)
        runner.state_changed.connect(self._on_state)

    def show(self, parameters: Parameters | None, models: tuple[StoredModel, ...]) -> None:
        """Show the result.

        Args:
            parameters: Name and title.
            models: Of the store.
        """
        self._parameters, self._models = parameters, models
        name = parameters.model_name if parameters is not None else ""
        self.name_problem = name_problem(name, bundled=[model.card.name for model in models if model.bundled])
        outcome = self._runner.outcome
        self._ui.resultLabel.text = result_page(outcome) if outcome is not None else ""
        self._ui.resultLabel.setVisible(outcome is not None)
        kept = bool(self._runner.kept_as)
        self._ui.discardButton.text = _("Delete its files") if kept else _("Discard")
        self._ui.useButton.setVisible(kept and slicer.util.mainWindow() is not None)
        self._ui.laterButton.setVisible(not kept)

    def _on_keep(self, *_args: object) -> None:
        session, parameters = self._runner.session, self._parameters
        if session is None or parameters is None:
            return
        name = parameters.model_name
        taken = any(model.card.name == name for model in self._models)
        question = _("You have a model “{name}” already. Replace it?").format(name=name)
        if taken and not slicer.util.confirmYesNoDisplay(question, _("CT Denoise Train")):
            return
        self._message.clear()
        session.keep(name, parameters.model_title, overwrite=taken)

    def _on_discard(self, *_args: object) -> None:
        session = self._runner.session
        if session is None:
            return
        question = _("Delete this training with all it has learnt?")
        if not self._runner.kept_as and not slicer.util.confirmYesNoDisplay(question, _("CT Denoise Train")):
            return
        session.discard()

    def _on_later(self, *_args: object) -> None:
        self._runner.close()
        self._message.clear()
        self.decided.emit()

    def _on_use(self, *_args: object) -> None:
        """Go to CT Denoise, with the model and the volume chosen there."""
        parameters = slicer.util.getModuleLogic("CTDenoise").parameters()
        parameters.model = self._runner.kept_as
        if self._parameters is not None and self._parameters.volume is not None:
            parameters.input_volume = self._parameters.volume
        slicer.util.selectModule("CTDenoise")

    def _on_kept(self, kept: Kept) -> None:
        self._message.done(_("The model “{name}” is in the store; CT Denoise can use it now.").format(name=kept.name))
        self.decided.emit()

    def _on_state(self, state: TrainingState) -> None:
        if state is TrainingState.DISCARDED:
            self._message.clear()
            self._message.note(_("The files of the training were deleted."))
            self.decided.emit()
        elif state.training:
            self._message.clear()
