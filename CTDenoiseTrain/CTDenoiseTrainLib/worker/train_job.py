"""Job: train in a run folder, until the end or until the client has enough."""

from __future__ import annotations

from pathlib import Path

from CTDenoiseLib.atomic import WriteFailedError
from CTDenoiseLib.worker.job_desk import JobDesk

from ..runs.run_folder import RunFolder
from ..runs.start import train_run
from ..validation.validator import Preview
from .between_layers import checked_between_layers
from .desk_observer import DeskObserver
from .messages import Train, Trained
from .preview_files import write_preview


def run(request: Train, desk: JobDesk) -> Trained:
    """Train, or go on with it.

    Raises:
        TrainingError: The run cannot be begun or resumed, its images cannot be trained with, the loss is no number any
            more, or no checkpoint can be written.
        CTDenoiseError: A series cannot be found or read, or there is no such device, network or model.
        Cancelled: The client wants the end at once, or a stop before the first step.
    """
    folder = RunFolder(Path(request.run))

    def show(preview: Preview, epoch: int) -> None:
        try:
            desk.send(write_preview(folder.preview, preview, job=desk.job, epoch=epoch))
        except WriteFailedError as error:
            # A picture less is no reason to end; the next epoch brings another.
            desk.note(str(error))

    with checked_between_layers(desk.check_cancelled):
        result = train_run(folder, observer=DeskObserver(desk), resume=request.resume, on_preview=show)
    assert result is not None, "this process trains alone"
    return Trained(
        job=desk.job,
        epochs=result.epochs,
        best_epoch=result.best_epoch,
        complete=result.complete,
        reason=result.reason,
        seconds=result.seconds,
        table=result.table,
    )
