"""Where a training stands."""

from __future__ import annotations

from enum import Enum


class TrainingState(Enum):
    """Where a training session stands. In some states something is on, in the others the user decides what comes."""

    IDLE = "idle"
    PREPARING = "preparing"  # volumes are being copied into the run folder, step by step in `work`
    LOOKING = "looking"  # the worker makes noise maps, pairs and patches to look at
    READY = "ready"  # there is something to look at, and training may begin
    TRAINING = "training"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    CANCELLING = "cancelling"
    KEEPING = "keeping"  # the model is on its way into the store
    DONE = "done"  # training has ended, by itself or because it was stopped
    FAILED = "failed"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"  # the run folder is gone

    @property
    def busy(self) -> bool:
        """Whether something is on, so that `work` is to be called at each tick."""
        return self in _BUSY

    @property
    def training(self) -> bool:
        """Whether the worker trains, or waits in a pause."""
        return self in (TrainingState.TRAINING, TrainingState.PAUSING, TrainingState.PAUSED, TrainingState.STOPPING)


_BUSY = frozenset(TrainingState) - {
    *(TrainingState.IDLE, TrainingState.READY, TrainingState.DONE),
    *(TrainingState.FAILED, TrainingState.CANCELLED, TrainingState.DISCARDED),
}
