"""A worker that trains, and a training in it, for tests from outside of its process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from CTDenoiseLib.worker.job import Job, JobState
from CTDenoiseLib.worker.messages import JobNews
from CTDenoiseTrainLib.runs.run_folder import RunFolder
from CTDenoiseTrainLib.worker.messages import EpochDone, Train, Trained

from .worker_bench import WorkerBench

TRAINING_WORKER = "CTDenoiseTrainLib.worker"

Kind = TypeVar("Kind", bound=JobNews)


def training_bench(folder: Path) -> WorkerBench:
    """A worker that trains, not started yet."""
    # With more threads, small layers take longer, and much longer beside other programs.
    return WorkerBench(folder, {"OMP_NUM_THREADS": "1"}, module=TRAINING_WORKER)


class Training:
    """A job to train.

    Args:
        bench: Of the worker.
        run: Where to train.
        resume: Whether to go on.

    Attributes:
        job: The job.
        news: All that it told, its figures at the end included.
        sentences: Why it failed.
    """

    def __init__(self, bench: WorkerBench, run: RunFolder, *, resume: bool = False) -> None:
        self._bench = bench
        self.news: list[JobNews] = []
        self.sentences: list[str] = []
        self.job: Job = bench.client.run(Train(run=str(run.path), resume=resume))
        self.job.news.connect(self.news.append)
        self.job.done.connect(self.news.append)
        self.job.failed.connect(self.sentences.append)

    def of_kind(self, kind: type[Kind]) -> list[Kind]:
        """The news of a kind."""
        return [news for news in self.news if isinstance(news, kind)]

    def wait_for(self, kind: type[JobNews], *, count: int = 1) -> None:
        """Wait for so many news of a kind, which must come before the end."""
        self._bench.wait_until(lambda: self.job.ended or len(self.of_kind(kind)) >= count)
        assert not self.job.ended, self.sentences

    def finish(self) -> Trained:
        """Wait for the end, which must be a good one."""
        self._bench.finish(self.job)
        assert self.job.state is JobState.DONE, self.sentences
        (end,) = self.of_kind(Trained)
        return end

    @property
    def epochs(self) -> list[int]:
        """Epochs in the order in which they were told."""
        return [news.epoch for news in self.of_kind(EpochDone)]

    @property
    def figures(self) -> dict[int, EpochDone]:
        """What was told of each epoch, without what differs from time to time."""
        return {news.epoch: replace(news, job=0, seconds=0.0) for news in self.of_kind(EpochDone)}
