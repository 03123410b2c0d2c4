from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from CTDenoiseTrainLib.errors import RecipeError
from CTDenoiseTrainLib.training.distributed import Processes, joined_processes, own_device
from CTDenoiseTrainLib.training.state import TrainerState
from support.joined_training import joined_training, read_state
from support.training_watcher import Watcher

SCRIPT = Path(__file__).resolve().parents[2] / "support" / "joined_training.py"
# Sums over a batch in another order round differently by 1e-7, and Adam divides gradients by their own size, so that a
# gradient near zero may turn: a step is at most the learning rate, 1e-3, and there are 8 of them.
LOSS_TOLERANCE = 1e-5
WEIGHT_TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory) -> Path:
    """What two processes on gloo have left."""
    folder = tmp_path_factory.mktemp("two_processes")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", SCRIPT, folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def one_process() -> TrainerState:
    trainer = joined_training(Watcher())
    trainer.run()
    return trainer.state()


def networks(first: TrainerState, second: TrainerState) -> list[tuple[torch.Tensor, torch.Tensor]]:
    ours, theirs = first.part("network"), second.part("network")
    assert ours.keys() == theirs.keys()
    return [(ours[key], theirs[key]) for key in ours]


def test_two_processes_have_the_loss_of_one_with_the_same_batch(two_processes, one_process):
    joined = read_state(two_processes / "whole-0")
    losses = [[news.loss for news in state.history[1:]] for state in (joined, one_process)]
    assert losses[0] == pytest.approx(losses[1], rel=LOSS_TOLERANCE)
    validated = [[news.validation.loss for news in state.history] for state in (joined, one_process)]
    assert validated[0] == pytest.approx(validated[1], rel=WEIGHT_TOLERANCE)


def test_their_network_is_that_of_one_process_with_its_statistics(two_processes, one_process):
    for ours, theirs in networks(read_state(two_processes / "whole-0"), one_process):
        torch.testing.assert_close(ours, theirs, rtol=WEIGHT_TOLERANCE, atol=WEIGHT_TOLERANCE)


def test_all_processes_have_the_same_network(two_processes):
    states = [read_state(two_processes / f"whole-{rank}") for rank in (0, 1)]
    assert all(torch.equal(ours, theirs) for ours, theirs in networks(*states))


def test_stop_reaches_all_and_training_goes_on_to_the_same_numbers(two_processes):
    stopped = [read_state(two_processes / f"stopped-{rank}").step for rank in (0, 1)]
    assert stopped == [5, 5]
    whole, resumed = (read_state(two_processes / f"{name}-0") for name in ("whole", "resumed"))
    assert all(torch.equal(ours, theirs) for ours, theirs in networks(whole, resumed))


def test_other_ends_of_the_first_reach_the_others(two_processes):
    ends = [json.loads((two_processes / f"ends-{rank}.json").read_text()) for rank in (0, 1)]
    assert ends == [["Cancelled", "RuntimeError"], ["Cancelled", "TrainingError"]]


def test_shares_of_all_processes_make_the_batch():
    shares = [Processes(rank, 3).share(step=2, batch=12) for rank in range(3)]
    assert [number for share in shares for number in share] == list(range(24, 36))


def test_batch_that_cannot_be_shared_evenly_is_refused():
    with pytest.raises(RecipeError, match="A batch of 16 cannot be shared evenly by 3 processes"):
        Processes(0, 3).check_batch(16)


def test_process_started_alone_is_alone(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined_processes() as processes:
        assert processes == Processes(0, 1)
        assert own_device("auto") == "auto"
        with pytest.raises(RecipeError, match="a process for each graphics processor"):
            own_device("cuda:all")
