from __future__ import annotations

import csv
import os
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


def test_two_processes_train_in_one_run_as_one_does(tmp_path):
    alone, together = make_run(tmp_path / "alone"), make_run(tmp_path / "together")
    kill_trainer.train(alone)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += [str(Path(kill_trainer.__file__)), "--train", str(together.path)]
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, timeout=180)
    assert together.state().complete
    assert not together.cache.exists()
    # Sums over the batch are taken in another order: float32 holds seven digits, and six steps lose one or two.
    assert losses(together) == pytest.approx(losses(alone), rel=1e-5)
