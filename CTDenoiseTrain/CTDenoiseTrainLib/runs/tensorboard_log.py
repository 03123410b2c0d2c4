"""The log that TensorBoard shows.

Written with the parts of tensorboardX that write at once. Its `SummaryWriter` hands events to a thread over a queue of
ten, and once the disk is full the thread is no more and the training waits for room in the queue forever.
"""

from __future__ import annotations

import time
from pathlib import Path

from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.summary import scalar

from ..training.news import EpochNews, StepNews


class TensorBoardLog:
    """Curves over the steps.

    Args:
        folder: For the files; a new one is begun each time.
        first_step: TensorBoard hides what older files say of this step and later ones, which is done again.

    Raises:
        OSError: The disk does not take it; so do all methods.
    """

    def __init__(self, folder: Path, *, first_step: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = EventsWriter(str(folder / "events"))
        self._file.write_event(
            Event(wall_time=time.time(), step=first_step, session_log=SessionLog(status=SessionLog.START))
        )

    def add_step(self, news: StepNews) -> None:
        """How far training is."""
        self._add("training/loss", news.loss, news.step)
        self._add("training/rate", news.rate, news.step)
        self._add("speed/samples_per_second", news.samples_per_second, news.step)
        self._add("speed/share_of_time_for_data", news.data_share, news.step)

    def add_epoch(self, news: EpochNews, *, step: int) -> None:
        """The figures of an epoch that ended at a step."""
        figures = news.validation
        values = {
            "epoch/training_loss": news.loss,
            "epoch/validation_loss": figures.loss,
            "epoch/rmse_hu": figures.rmse,
            "epoch/psnr_db": figures.psnr,
            "epoch/ssim": figures.ssim,
            "epoch/noise_reduction_percent": figures.noise_reduction,
            "epoch/residual_index": figures.residual_index,
        }
        for name, value in values.items():
            if value is not None:
                self._add(name, value, step)
        self._file.flush()

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def _add(self, name: str, value: float, step: int) -> None:
        self._file.write_event(Event(wall_time=time.time(), step=step, summary=scalar(name, value)))
