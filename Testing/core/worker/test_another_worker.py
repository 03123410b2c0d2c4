"""Another package brings jobs and messages of its own, and a worker that knows them beside those of the core."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from CTDenoiseLib.worker import messages
from CTDenoiseLib.worker.job import JobState
from CTDenoiseLib.worker.messages import Denoise, Message
from CTDenoiseLib.worker.transport import worker_command
from support.counting_worker.messages import Count, CountDone, Counted, GoOnFrom
from support.worker_bench import WorkerBench

MODULE = "support.counting_worker"


@pytest.fixture
def counting_bench(tmp_path: Path) -> Iterator[WorkerBench]:
    """A worker that counts."""
    bench = WorkerBench(tmp_path, module=MODULE)
    yield bench
    bench.close()


def test_its_job_is_told_what_it_wants_to_hear_and_tells_its_own_news(counting_bench):
    told, figures = [], []
    job = counting_bench.client.run(Count(start=3))
    job.news.connect(told.append)
    job.done.connect(figures.append)
    counting_bench.wait_until(lambda: told)
    job.tell(partial(GoOnFrom, number=7))
    job.tell(partial(GoOnFrom, number=0))
    counting_bench.finish(job)
    assert told == [Counted(job.id, 3), Counted(job.id, 7), Counted(job.id, 0)]
    assert figures == [CountDone(job.id, told=3)]


def test_nothing_is_told_to_a_job_that_is_over_or_being_cancelled(counting_bench):
    job = counting_bench.client.run(Count(start=1))
    told = []
    job.news.connect(told.append)
    counting_bench.wait_until(lambda: told)
    job.cancel()
    job.tell(partial(GoOnFrom, number=5))
    counting_bench.finish(job)
    job.tell(partial(GoOnFrom, number=6))
    assert job.state is JobState.CANCELLED
    assert told == [Counted(job.id, 1)]


def test_it_does_the_jobs_of_the_core_too(counting_bench, small_model, hu):
    counting_bench.client.load_model(small_model, "tiny", "cpu", "fp32")
    job = counting_bench.client.denoise(counting_bench.request(hu[:1]))
    assert counting_bench.finish(job).state is JobState.DONE
    assert job.sections_done == 1


def test_the_worker_of_the_core_does_not_know_its_jobs(own_bench):
    sentences = []
    job = own_bench.client.run(Count(start=3))
    job.failed.connect(sentences.append)
    own_bench.finish(job)
    assert len(sentences) == 1


def test_a_message_is_registered_once_however_often_it_is_said():
    messages.register(Counted)
    assert messages.decode(messages.encode(Counted(1, 2))) == Counted(1, 2)


def test_two_messages_of_one_name_are_refused():
    same_name = dataclass(frozen=True)(type(Denoise.__name__, (Message,), {"__doc__": "Another."}))
    with pytest.raises(ValueError, match="“Denoise”"):
        messages.register(same_name)


def test_the_worker_finds_its_package_where_the_client_does(tmp_path, monkeypatch):
    package = tmp_path / "elsewhere" / "their_package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('not imported on this side')", encoding="utf-8")
    monkeypatch.syspath_prepend(package.parent)
    arguments, environment = worker_command("python", "their_package.worker")
    assert arguments == ("python", "-m", "their_package.worker")
    assert str(package.parent) in environment["PYTHONPATH"].split(os.pathsep)


def test_a_package_that_is_nowhere_is_told_when_the_worker_starts(tmp_path):
    bench, sentences = WorkerBench(tmp_path, command=worker_command(sys.executable, "no_such_package.worker")[0]), []
    job = bench.client.run(Count(start=1))
    job.failed.connect(sentences.append)
    bench.finish(job)
    bench.close()
    assert "no_such_package" in sentences[0]
