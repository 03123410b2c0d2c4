"""The test with small vessels in the section Measure: how much of them does the model leave?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from CTDenoiseScene.job_session import JobSessionState
from CTDenoiseScene.retention_session import RetentionSession
from CTDenoiseScene.voxels import voxels_of

from .job_run import JobRun
from .message_line import MessageLine
from .retention_table import retention_table

if TYPE_CHECKING:
    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseScene.headers import HeaderSource
    from CTDenoiseScene.results import Results

    from .runner import Runner
    from .views import Views


class RetentionControls:
    """Tests the section on screen, and shows what was left for as long as that holds.

    Args:
        ui: Widgets of the panel.
        client: Of the worker, which has the model.
        runner: What may still change the strength.
        headers: DICOM headers of the volumes.
        views: Know which section is on screen.

    Attributes:
        changed: Emits when a test begins and ends.
    """

    def __init__(self, ui: Any, client: WorkerClient, runner: Runner, headers: HeaderSource, views: Views) -> None:
        self._button, self._table = ui.retentionButton, ui.retentionLabel
        self._message = MessageLine(ui.retentionMessageLabel)
        self._run: JobRun[RetentionSession] = JobRun(ui.retentionProgressBar, self._message)
        self._run.ended.connect(self._on_end)
        self._run.changed.connect(self._show_run)
        self.changed = self._run.changed
        self._client = client
        self._runner = runner
        self._headers = headers
        self._views = views
        self._results: Results | None = None
        self._tested: tuple[object, ...] = ()
        self._holds_for: tuple[object, ...] = ()
        self._button.clicked.connect(self._on_button)
        self._table.setVisible(False)
        self._show_run()

    @property
    def testing(self) -> bool:
        """Whether a test is on."""
        return self._run.on

    def show(self, results: Results | None) -> None:
        """Offer another result; what was found for another one, or at another strength, is shown no more."""
        output, former = (each.output if each else None for each in (results, self._results))
        self._results = results
        if output is not former:
            self._message.clear()
        if self._holds_for and self._holds_for != _state(results):
            self._forget()

    def work(self, budget_seconds: float) -> bool:
        """Go on with the test for a while; whether to be called again."""
        return self._run.work(budget_seconds)

    def close(self) -> None:
        """Cancel the test that is on."""
        self._run.close()

    def _forget(self) -> None:
        self._holds_for = ()
        self._message.clear()
        self._table.setVisible(False)

    def _section(self, results: Results) -> int:
        """Index of the section on screen, else the one in the middle."""
        on_screen = self._views.sections(results.input)
        voxels = voxels_of(results.input)
        return on_screen[0] if on_screen else 0 if voxels is None else len(voxels) // 2

    def _on_button(self, *_args: object) -> None:
        if self._run.on:
            self._run.cancel()
            return
        if self._results is None:
            return
        self._forget()
        self._tested = _state(self._results)
        session = RetentionSession(
            self._client,
            self._results.output,
            self._section(self._results),
            headers=self._headers,
            settle=self._runner.settle,
        )
        self._run.start(session)

    def _on_end(self, session: RetentionSession) -> None:
        if session.retention is not None:
            if self._tested != _state(self._results):  # the user chose another result, or strength, meanwhile
                return
            self._holds_for = self._tested
            self._table.text = retention_table(session.retention)
            self._table.setVisible(True)
        elif session.state is JobSessionState.CANCELLED:
            self._message.note(_("Cancelled; nothing was found out."))

    def _show_run(self) -> None:
        self._button.text = _("Cancel the test") if self.testing else _("Test small vessels")


def _state(results: Results | None) -> tuple[object, ...]:
    """What a test holds for."""
    return () if results is None else (results.output, results.provenance, results.strength)
