"""Job: put the best weights of a run into the user's store of models."""

from __future__ import annotations

from pathlib import Path

from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.worker.job_desk import JobDesk

from ..runs.keep_run import keep_run
from ..runs.run_folder import RunFolder
from .messages import KeepModel, Kept


def run(request: KeepModel, desk: JobDesk) -> Kept:
    """Keep the model.

    Raises:
        CheckpointError: The run has no result yet, or a damaged one.
        BundledModelError: A model that came with CTDenoise has this name.
        ModelExistsError: One of the user's models has it, and may not be replaced.
        WriteFailedError: The disk does not take it.
    """
    store = ModelStore.default()
    card = keep_run(
        RunFolder(Path(request.run)), store, name=request.name, title=request.title, overwrite=request.overwrite
    )
    return Kept(job=desk.job, name=card.name, folder=str(store.user_folder))
