"""The section Export: a DICOM series, a file, or a report of the denoised volume."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qt
import slicer
from slicer.i18n import tr as _

from CTDenoiseScene.export import ExportSession, JobSessionState, SaveReport, SaveSeries, SaveVolume

from .job_run import JobRun
from .message_line import MessageLine

if TYPE_CHECKING:
    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseScene.export_target import Target
    from CTDenoiseScene.headers import HeaderSource
    from CTDenoiseScene.results import Results

    from .runner import Runner


class ExportSection:
    """Saves one result after the other.

    Args:
        ui: Widgets of the panel.
        client: Of the worker, which writes.
        runner: What may still change the result.
        headers: DICOM headers of the volumes.

    Attributes:
        changed: Emits when saving begins and ends.
    """

    def __init__(self, ui: Any, client: WorkerClient, runner: Runner, headers: HeaderSource) -> None:
        self._cancel = ui.exportCancelButton
        self._message = MessageLine(ui.exportMessageLabel)
        self._run: JobRun[ExportSession] = JobRun(ui.exportProgressBar, self._message)
        self._run.ended.connect(self._on_end)
        self.changed = self._run.changed
        self._client = client
        self._runner = runner
        self._headers = headers
        self._results: Results | None = None
        ui.saveDicomButton.clicked.connect(self._on_save_series)
        ui.saveFileButton.clicked.connect(self._on_save_file)
        ui.reportButton.clicked.connect(self._on_report)
        self._cancel.clicked.connect(self._on_cancel)
        self._cancel.setVisible(False)

    @property
    def exporting(self) -> bool:
        """Whether something is being saved."""
        return self._run.on

    def show(self, results: Results | None) -> None:
        """Offer other results to be saved."""
        self._results = results

    def work(self, budget_seconds: float) -> bool:
        """Go on with saving for a while; whether to be called again."""
        return self._run.work(budget_seconds)

    def close(self) -> None:
        """Cancel what is being saved."""
        self._run.close()

    def _on_save_series(self, *_args: object) -> None:
        self._save(SaveSeries(folder=Path(tempfile.mkdtemp(prefix="ctdenoise-")) / "series"))

    def _on_save_file(self, *_args: object) -> None:
        filters = "NRRD (*.nrrd);;NIfTI (*.nii.gz);;MetaImage (*.mha)"
        path = self._ask_path(_("Save the denoised volume"), ".nrrd", filters)
        if path:
            self._save(SaveVolume(path=path, overwrite=True))

    def _on_report(self, *_args: object) -> None:
        path = self._ask_path(_("Save the report"), ".pdf", "PDF (*.pdf);;PNG (*.png)")
        if path:
            self._save(SaveReport(path=path, overwrite=True))

    def _on_cancel(self, *_args: object) -> None:
        self._run.cancel()

    def _ask_path(self, title: str, suffix: str, filters: str) -> Path | None:
        """Ask for a path; the dialog itself asks before a file is replaced."""
        assert self._results is not None
        proposal = self._results.output.GetName().replace("/", "_") + suffix
        answer = qt.QFileDialog.getSaveFileName(slicer.util.mainWindow(), title, proposal, filters)
        return Path(answer) if answer else None

    def _save(self, target: Target) -> None:
        if self._results is None:
            return
        self._message.clear()
        session = ExportSession(
            self._client, self._results.output, target, headers=self._headers, settle=self._runner.settle
        )
        self._cancel.setVisible(True)
        self._run.start(session)

    def _on_end(self, session: ExportSession) -> None:
        self._cancel.setVisible(False)
        target = session.target
        if session.state is JobSessionState.DONE:
            self._tell_arrival(target)
        elif session.state is JobSessionState.CANCELLED:
            self._message.note(_("Cancelled; nothing was saved."))
        if isinstance(target, SaveSeries):
            shutil.rmtree(target.folder.parent, ignore_errors=True)

    def _tell_arrival(self, target: Target) -> None:
        """Finish what was saved, and say where it is."""
        if not isinstance(target, SaveSeries):
            self._message.done(_("Saved as {path}.").format(path=target.path))
            return
        try:
            from DICOMLib import DICOMUtils

            DICOMUtils.importDicom(str(target.folder), slicer.dicomDatabase, copyFiles=True)
        except Exception as error:
            # Slicer's module DICOM can be switched off, and its database fails in ways of its own.
            text = _("The series could not be added to Slicer's DICOM database: {reason}. Save a file instead.")
            self._message.error(text.format(reason=error))
        else:
            text = _("The series is in Slicer's DICOM database, in the study of its input; load or send it from there.")
            self._message.done(text)
