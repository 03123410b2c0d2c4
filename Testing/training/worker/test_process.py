"""The life of the worker's process while it trains: it never outlives its client, and takes no checkpoint with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from CTDenoiseLib.worker.client import WorkerState
from CTDenoiseLib.worker.job import JobState
from CTDenoiseLib.worker.messages import encode
from CTDenoiseLib.worker.transport import worker_command
from CTDenoiseTrainLib.worker.messages import EpochDone, Train
from support.training_job import TRAINING_WORKER, Training

posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals and no nice values.")


@posix_only
def test_it_leaves_the_processors_to_those_who_want_them(bench):
    bench.client.list_devices(lambda _: None)
    bench.wait_until(lambda: bench.client.state is WorkerState.READY)
    nice = psutil.Process(bench.process_id).nice()
    assert nice == min(19, psutil.Process().nice() + 10)


def test_the_end_of_its_standard_input_ends_it_and_leaves_the_run_to_others(endless_run):
    command, environment = worker_command(sys.executable, TRAINING_WORKER)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=os.environ | environment | {"OMP_NUM_THREADS": "1"}, **pipes) as worker:
        worker.stdin.write(encode(Train(run=str(endless_run.path), job=1)))
        worker.stdin.flush()
        while b"EpochDone" not in (line := worker.stdout.readline()) or b'"epoch": 2' not in line:
            assert worker.poll() is None
        assert endless_run.running
        worker.stdin.close()
        assert worker.wait(30) == 0
    assert not endless_run.running
    assert endless_run.state().resumable
    assert endless_run.state().epochs_done >= 1


@posix_only
def test_killed_it_loses_no_more_than_what_came_after_the_last_checkpoint(own_bench, bench, endless_run):
    killed = Training(own_bench, endless_run)
    killed.wait_for(EpochDone, count=4)
    os.kill(own_bench.process_id, signal.SIGKILL)
    own_bench.finish(killed.job)
    assert killed.job.state is JobState.FAILED
    assert len(killed.sentences) == 1
    assert endless_run.state().epochs_done >= 2

    again = Training(bench, endless_run, resume=True)
    again.wait_for(EpochDone, count=6)
    again.job.cancel()
    bench.finish(again.job)
    assert again.epochs[:6] == list(range(6))
    assert all(again.figures[epoch] == killed.figures[epoch] for epoch in range(4))
