"""The audit in the section Measure: was it noise that the run took away?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import vtk
from slicer.i18n import tr as _

from CTDenoiseScene.audit_session import AuditSession
from CTDenoiseScene.job_session import JobSessionState
from CTDenoiseScene.kept_audit import KeptAudit, read_audit
from CTDenoiseScene.observers import Observers

from .audit_badge import audit_badge, audit_page
from .job_run import JobRun
from .message_line import MessageLine

if TYPE_CHECKING:
    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseScene.headers import HeaderSource
    from CTDenoiseScene.results import Results

    from .runner import Runner


class AuditControls:
    """Audits one result after the other, and shows the verdict that is kept with the result.

    Args:
        ui: Widgets of the panel.
        client: Of the worker, which measures.
        runner: What may still change the result.
        headers: DICOM headers of the volumes.

    Attributes:
        changed: Emits when an audit begins and ends.
    """

    def __init__(self, ui: Any, client: WorkerClient, runner: Runner, headers: HeaderSource) -> None:
        self._button, self._verdict = ui.auditButton, ui.auditLabel
        self._message = MessageLine(ui.auditMessageLabel)
        self._run: JobRun[AuditSession] = JobRun(ui.auditProgressBar, self._message)
        self._run.ended.connect(self._on_end)
        self._run.changed.connect(self._show_run)
        self.changed = self._run.changed
        self._client = client
        self._runner = runner
        self._headers = headers
        self._results: Results | None = None
        self._kept: KeptAudit | None = None
        self._observers = Observers()
        self._button.clicked.connect(self._on_button)
        self._show_run()

    @property
    def auditing(self) -> bool:
        """Whether an audit is on."""
        return self._run.on

    def show(self, results: Results | None) -> None:
        """Offer another result to be audited, and show the verdict on it, if there is one."""
        output, former = (each.output if each else None for each in (results, self._results))
        self._results = results
        if output is former:
            return
        self._message.clear()
        self._observers.clear()
        if output is not None:
            for event in (vtk.vtkCommand.ModifiedEvent, output.ImageDataModifiedEvent):
                self._observers.add(output, event, self._on_result_changed)
        self._read()
        self._show_run()

    def work(self, budget_seconds: float) -> bool:
        """Go on with the audit for a while; whether to be called again."""
        return self._run.work(budget_seconds)

    def close(self) -> None:
        """Cancel the audit that is on."""
        self._run.close()

    def _read(self) -> None:
        """Look which verdict is kept with the result."""
        self._kept = read_audit(self._results.output) if self._results else None
        if self._kept is not None:
            self._verdict.text = audit_badge(self._kept)
            self._verdict.toolTip = audit_page(self._kept.audit)

    def _on_result_changed(self, *_args: object) -> None:
        """The strength was changed, or a section: a verdict that is outdated already stays so."""
        if self._kept is not None and not self._kept.is_outdated:
            self._read()

    def _on_button(self, *_args: object) -> None:
        if self._run.on:
            self._run.cancel()
        elif self._results is not None:
            self._message.clear()
            self._run.start(
                AuditSession(self._client, self._results.output, headers=self._headers, settle=self._runner.settle)
            )

    def _on_end(self, session: AuditSession) -> None:
        if session.state is JobSessionState.CANCELLED:
            self._message.note(_("Cancelled; there is no verdict."))
        self._read()

    def _show_run(self) -> None:
        self._button.text = _("Cancel the audit") if self.auditing else _("Audit the result")
        self._verdict.setVisible(self._kept is not None and not self.auditing)
