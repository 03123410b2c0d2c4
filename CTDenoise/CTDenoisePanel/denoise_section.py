"""The section Denoise: verdict, strength, the button that starts and cancels, and how far the run is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slicer
from slicer.i18n import tr as _

from CTDenoiseLib.matching import MatchLevel
from CTDenoiseScene.denoise_session import DenoiseSettings, SessionState

from .match_badge import match_badge, red_question
from .message_line import MessageLine
from .parameters import Scope
from .progress_text import duration, percent, progress_line
from .slab import slab_around

if TYPE_CHECKING:
    from CTDenoiseLib.matching import MatchVerdict
    from CTDenoiseLib.models.store import StoredModel
    from CTDenoiseLib.worker.messages import JobProgress

    from .exam import Exam
    from .parameters import Parameters
    from .runner import Runner
    from .views import Views


class DenoiseSection:
    """Starts and cancels runs, and shows how they go.

    Args:
        ui: Widgets of the panel.
        exam: The chosen volume.
        runner: Runs what is started here.
        views: Tells what is on screen.

    Attributes:
        message: Line for what happened.
    """

    def __init__(self, ui: Any, exam: Exam, runner: Runner, views: Views) -> None:
        self.message = MessageLine(ui.denoiseMessageLabel)
        self._ui = ui
        self._exam = exam
        self._runner = runner
        self._views = views
        self._parameters: Parameters | None = None
        self._model: StoredModel | None = None
        self._waiting: slicer.vtkMRMLScalarVolumeNode | None = None
        self._cancelled = False
        self._done = 0
        self._seconds = 0.0
        ui.applyButton.clicked.connect(self._on_apply)
        runner.state_changed.connect(self._on_state)
        runner.progress.connect(self._on_progress)
        runner.note.connect(self.message.note)
        runner.failed.connect(self.message.error)

    def show(self, parameters: Parameters | None, model: StoredModel | None) -> None:
        """Show the verdict and the state of the run.

        Args:
            parameters: What the user chose.
            model: The model to run.
        """
        self._parameters, self._model = parameters, model
        ui, running = self._ui, self._runner.running
        ui.matchLabel.text = match_badge(self._verdict(), measuring=not self._exam.measured)
        ui.applyButton.text = _("Cancel") if running else self._apply_text()
        ui.progressBar.setVisible(running)
        ui.progressLabel.setVisible(running)

    def measure(self, budget_seconds: float) -> bool:
        """Measure the noise of the volume a little more, and start the run that waits for it."""
        if self._exam.measured:
            return False
        if self._exam.sample(budget_seconds):
            return True
        self._ui.matchLabel.text = match_badge(self._verdict())
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting is self._exam.input:
            self._start()
        return False

    def _apply_text(self) -> str:
        """What the button does, in words where it takes an earlier result away."""
        earlier = self._exam.results
        replaces = earlier is not None and earlier.input is self._exam.input
        return _("Apply again, replacing the result") if replaces else _("Apply")

    def _verdict(self) -> MatchVerdict | None:
        return self._exam.verdict(self._model.card if self._model else None)

    def _on_apply(self, *_args: object) -> None:
        if self._runner.running:
            self._cancelled = True
            self._runner.cancel()
            return
        self.message.clear()
        # The noise belongs to the verdict, and is measured within the second after a volume was chosen.
        if self._exam.measured:
            self._start()
        else:
            self._waiting = self._exam.input

    def _start(self) -> None:
        node, model, parameters, verdict = self._exam.input, self._model, self._parameters, self._verdict()
        if node is None or model is None or parameters is None or verdict is None or verdict.refused:
            return
        if verdict.level is MatchLevel.RED and not slicer.util.confirmYesNoDisplay(
            red_question(verdict), _("CT Denoise")
        ):
            return
        visible = self._views.sections(node)
        parameters.denoised_volume = None
        self._runner.start(node, self._settings(parameters, model, visible), verdict=verdict, visible=visible)

    def _settings(self, parameters: Parameters, model: StoredModel, visible: tuple[int, ...]) -> DenoiseSettings:
        facts = self._exam.facts
        assert facts is not None
        is_slab = parameters.scope is Scope.SLAB
        return DenoiseSettings(
            model_folder=model.folder,
            model_name=model.card.name,
            device=parameters.device,
            precision=parameters.precision,
            sections=slab_around(visible, parameters.slab_slices, of=facts.sections) if is_slab else None,
            strength=parameters.strength / 100,
            # A full exam fills the memory three times already: input, output and noise.
            replace=True,
            modality=facts.modality,
            padding_hu=facts.padding_hu,
        )

    def _done_sentence(self) -> str:
        """How many slices, how fast, and on what: a processor where a graphics processor was expected is no secret."""
        results = self._runner.results
        where = results.provenance.device_name if results else ""
        return _("Done: {n} slices in {time} on {device}.").format(
            n=self._done, time=duration(self._seconds), device=where
        )

    def _on_progress(self, progress: JobProgress) -> None:
        self._done = progress.done
        self._seconds = progress.done / progress.sections_per_second if progress.sections_per_second else 0.0
        self._ui.progressBar.setRange(0, 100)
        self._ui.progressBar.setValue(percent(progress))
        self._ui.progressLabel.text = progress_line(progress)

    def _on_state(self, state: SessionState) -> None:
        ui = self._ui
        if state is SessionState.STARTING:
            self._done, self._cancelled = 0, False
            ui.progressBar.setRange(0, 0)  # moves without a figure
            ui.progressLabel.text = _("Starting…")
        elif state is SessionState.CANCELLING:
            ui.progressLabel.text = _("Cancelling…")
        elif state is SessionState.DONE:
            self.message.done(self._done_sentence())
        elif state is SessionState.CANCELLED:
            stays = _("Cancelled; {n} slices are denoised and stay.")
            ended = _("The run ended because one of its volumes was removed; {n} slices were denoised.")
            self.message.note((stays if self._cancelled else ended).format(n=self._done))
