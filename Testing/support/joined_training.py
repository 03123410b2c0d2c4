"""Trainings for `torchrun` to start in several processes: what they come to lies in the folder it is given."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import safetensors.torch
import torch
import torch.distributed as dist

from CTDenoiseLib.errors import Cancelled, CTDenoiseError
from CTDenoiseLib.inference import Backend
from CTDenoiseLib.networks import HRCNN
from CTDenoiseTrainLib.recipe.content import TrainingOptions
from CTDenoiseTrainLib.training.distributed import Processes, joined_processes
from CTDenoiseTrainLib.training.news import StoppedError, ValidationFigures
from CTDenoiseTrainLib.training.state import TrainerState
from CTDenoiseTrainLib.training.trainer import Trainer

# Beside this file, which is run as a script.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.flat_pairs import FlatPairs
from support.training_watcher import Watcher

OPTIONS = TrainingOptions(epochs=2, batch=4, averaging=0.9)
STEPS_PER_EPOCH = 4


def joined_training(watcher: Watcher) -> Trainer:
    """A training in whatever processes there are."""
    torch.manual_seed(0)
    return Trainer(
        HRCNN(context=1, width=4, levels=2),
        FlatPairs(),
        OPTIONS,
        steps_per_epoch=STEPS_PER_EPOCH,
        scale_hu=100.0,
        backend=Backend("cpu", "fp32"),
        observer=watcher,
        validate=lambda network, epoch, check: ValidationFigures(
            loss=float(network.noise.weight.square().sum()),
            rmse=None,
            psnr=None,
            ssim=None,
            noise_reduction=None,
            residual_index=None,
        ),
    )


def write_state(state: TrainerState, file: Path) -> None:
    """Write FILE.safetensors and FILE.json."""
    safetensors.torch.save_file(state.tensors, file.with_suffix(".safetensors"))
    file.with_suffix(".json").write_text(json.dumps(state.content))


def read_state(file: Path) -> TrainerState:
    """The way back from `write_state`."""
    content = json.loads(file.with_suffix(".json").read_text())
    return TrainerState(safetensors.torch.load_file(file.with_suffix(".safetensors")), content)


def main(folder: Path) -> None:
    """Train to the end; then again with a stop on the way, and on from there; then end in each other way."""
    torch.set_num_threads(1)
    with joined_processes() as processes:
        whole = joined_training(Watcher())
        whole.run()
        write_state(whole.state(), folder / f"whole-{processes.rank}")

        stopped = joined_training(Watcher({5: _raising(StoppedError())}))
        stopped.run()
        write_state(stopped.state(), folder / f"stopped-{processes.rank}")
        dist.barrier()
        resumed = joined_training(Watcher())
        resumed.restore(read_state(folder / "stopped-0"))
        resumed.run()
        write_state(resumed.state(), folder / f"resumed-{processes.rank}")

        ends = [_end_of(processes, error) for error in (Cancelled("Enough."), RuntimeError("A defect."))]
    (folder / f"ends-{processes.rank}.json").write_text(json.dumps(ends))


def _end_of(processes: Processes, error: Exception) -> str:
    """How a training ends in this process if the first is told to end so."""
    try:
        joined_training(Watcher({2: _raising(error)} if processes.is_first else {})).run()
    except (CTDenoiseError, RuntimeError) as found:
        return type(found).__name__
    return "by itself"


def _raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


if __name__ == "__main__":
    main(Path(sys.argv[1]))
