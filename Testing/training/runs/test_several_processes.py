from __future__ import annotations

import csv
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import kill_trainer
from CTDenoiseTrainLib.runs.run_folder import RunFolder
from support.tiny_run import make_run


def losses(run: RunFolder) -> list[float]:
    with run.log_file.open(newline="") as file:
        return [float(row["validation_loss"]) for row in csv.DictReader(file)]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_two_processes_train_in_one_run_as_one_does(tmp_path):
    alone, together = make_run(tmp_path / "alone"), make_run(tmp_path / "together")
    command = [sys.executable, str(Path(kill_trainer.__file__)), "--train", str(together.path)]
    # As `torchrun` starts them, which would take as long again.
    joined = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": "2", "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(command, env=os.environ | joined | {"RANK": str(rank), "LOCAL_RANK": str(rank)})
        for rank in range(2)
    ]
    try:
        kill_trainer.train(alone)
        assert [process.wait(120) for process in processes] == [0, 0]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert together.state().complete
    assert not together.cache.exists()
    # Sums over the batch are taken in another order: float32 holds seven digits, and six steps lose one or two.
    assert losses(together) == pytest.approx(losses(alone), rel=1e-5)
