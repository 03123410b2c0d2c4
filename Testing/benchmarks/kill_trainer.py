"""Kill a training again and again at random moments, resume it each time, and see what was lost.

A small network is trained once without interruption, and once more by processes that are killed (SIGKILL, on Windows
TerminateProcess) at random moments: while they start, train, validate, or write a checkpoint or a log. The numbers must
be the same in the end, and never may more be lost than what was done since the last checkpoint.

    python Testing/benchmarks/kill_trainer.py                # ten kills, about two minutes
    python Testing/benchmarks/kill_trainer.py --kills 3 --seed 7 --json
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from CTDenoiseTrainLib.recipe.content import NetworkOptions, Recipe
from CTDenoiseTrainLib.runs.checkpoint_record import STATE_FILE
from CTDenoiseTrainLib.runs.checkpoints import Checkpoint, last_checkpoint
from CTDenoiseTrainLib.runs.run_folder import RunFolder
from CTDenoiseTrainLib.runs.run_result import WEIGHTS_FILE
from CTDenoiseTrainLib.training.news import EpochNews, StepNews
from support.tiny_run import make_run, tiny_recipe

CHECKPOINT_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Kill:
    """A kill and what it cost.

    Attributes:
        starting: Whether the process had not begun to train.
        trained_s: Time for which it had trained.
        steps: Steps in the last checkpoint that is not damaged; 0 without one.
        lost_s: Age of that checkpoint when the process was killed; if it wrote none, the time for which it had trained.
        half_written: Whether something half-written lay there, for the next process to remove.
        damaged: Whether the last checkpoint was damaged, so that the one before had to be taken.
    """

    starting: bool
    trained_s: float
    steps: int
    lost_s: float
    half_written: bool
    damaged: bool


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What the kills came to.

    Attributes:
        kills: Each of them.
        steps: Of the whole training.
        uninterrupted_s: Time of the training that nobody killed, without its start.
        start_s: Time from the start of its process to its first step.
        same_weights: Whether the weights to keep are the same, bit by bit.
        same_state: Whether the last state of the trainer is, its optimiser included.
        same_log: Whether the table of epochs is the same but for the time, without missing or doubled rows.
        clean: Whether nothing half-written is left.
    """

    kills: tuple[Kill, ...]
    steps: int
    uninterrupted_s: float
    start_s: float
    same_weights: bool
    same_state: bool
    same_log: bool
    clean: bool

    @property
    def passed(self) -> bool:
        """Whether nothing but time was lost."""
        return self.same_weights and self.same_state and self.same_log and self.clean


def recipe(epochs: int) -> Recipe:
    """A training with a checkpoint every second and after each epoch."""
    tiny = tiny_recipe(
        patches_per_epoch=240, epochs=epochs, batch=8, patience=0, checkpoint_minutes=CHECKPOINT_SECONDS / 60
    )
    return replace(tiny, network=NetworkOptions(configuration={"context": 1, "width": 8, "levels": 3}))


def kill_and_compare(*, kills: int, epochs: int, seed: int, start_all: bool = True) -> Findings:
    """Train without and with kills, and compare.

    Args:
        kills: How many.
        epochs: Of the training.
        seed: Of the random moments.
        start_all: Whether to start a process for what is not killed, too; else it is done in this one, and quicker.
    """
    train_to_the_end = _train_to_the_end if start_all else _train_here
    with tempfile.TemporaryDirectory(prefix="ctdenoise-kills-") as folder:
        whole, killed = (make_run(Path(folder) / name, recipe(epochs)) for name in ("whole", "killed"))
        uninterrupted = train_to_the_end(whole)
        rng = np.random.default_rng(seed)
        # Moments are chosen by the progress of the training, which does not depend on what else the machine does. On
        # average all processes together have some of it to spare before the training is over.
        most_checks = 1.6 * uninterrupted.checks / kills
        done = []
        for number in range(kills):
            if number % 4 == 3:
                done.append(_kill_starting(killed, after_s=rng.uniform(0, uninterrupted.start_s)))
            else:
                done.append(_kill_training(killed, checks=int(rng.uniform(0, most_checks)), then_s=rng.uniform(0, 0.1)))
        train_to_the_end(killed)
        return Findings(
            kills=tuple(done),
            steps=_last(whole).state.step,
            uninterrupted_s=uninterrupted.training_s,
            start_s=uninterrupted.start_s,
            same_weights=_weights(whole) == _weights(killed),
            same_state=_tensors(whole) == _tensors(killed),
            same_log=_rows(whole) == _rows(killed),
            clean=not list(killed.path.rglob(".ctdenoise-*")),
        )


def train(run: RunFolder, on_check: Callable[[], object] = lambda: print("check", flush=True)) -> None:
    """Train, or go on with it, with a line for each check that the training makes: what the processes do."""
    from CTDenoiseTrainLib.runs.start import train_run

    class Watcher:
        trains = False

        def check(self) -> None:
            if self.trains:
                on_check()

        def on_step(self, news: StepNews) -> None: ...

        def on_epoch(self, news: EpochNews) -> None:
            self.trains = True

        def on_note(self, sentence: str) -> None: ...

    train_run(run, observer=Watcher(), resume=True)


@dataclass(frozen=True)
class _Uninterrupted:
    start_s: float
    training_s: float
    checks: int


@contextmanager
def _process(run: RunFolder) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    command = [sys.executable, __file__, "--train", str(run.path)]
    # So small a network gains nothing from more threads, which on a busy machine wait for each other for minutes.
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=alone) as process:
        assert process.stdout is not None
        yield process, process.stdout


def _train_to_the_end(run: RunFolder) -> _Uninterrupted:
    begun = time.monotonic()
    with _process(run) as (process, lines):
        lines.readline()
        first = time.monotonic()
        checks = 1 + sum(1 for _ in lines)
    if process.returncode:
        raise RuntimeError(f"The training failed with exit code {process.returncode}.")
    return _Uninterrupted(first - begun, time.monotonic() - first, checks)


def _train_here(run: RunFolder) -> _Uninterrupted:
    checks: list[float] = []
    threads, begun = torch.get_num_threads(), time.monotonic()
    torch.set_num_threads(1)
    try:
        train(run, on_check=lambda: checks.append(time.monotonic()))
    finally:
        torch.set_num_threads(threads)
    return _Uninterrupted(checks[0] - begun, time.monotonic() - checks[0], len(checks))


def _kill_starting(run: RunFolder, *, after_s: float) -> Kill:
    """Kill a process that goes on with the training, after a while since it was started."""
    with _process(run) as (process, _):
        time.sleep(after_s)
        begun = time.time()
        process.kill()
    return _damage(run, begun, starting=True)


def _kill_training(run: RunFolder, *, checks: int, then_s: float) -> Kill:
    """Kill a process that goes on with the training, a moment after it has made some checks."""
    with _process(run) as (process, lines):
        lines.readline()
        begun = time.time()
        for _ in range(checks):
            lines.readline()
        time.sleep(then_s)
        process.kill()
    return _damage(run, begun, starting=False)


def _damage(run: RunFolder, begun: float, *, starting: bool) -> Kill:
    """What a kill just now has cost, of a process that has trained since `begun`."""
    killed = time.time()
    notes: list[str] = []
    checkpoint = last_checkpoint(run.checkpoints, on_note=notes.append) if run.begun else None
    written = 0.0 if checkpoint is None else (checkpoint.folder / STATE_FILE).stat().st_mtime
    return Kill(
        starting=starting,
        trained_s=killed - begun,
        steps=0 if checkpoint is None else checkpoint.state.step,
        lost_s=killed - max(begun, written),
        half_written=bool(list(run.path.rglob(".ctdenoise-*"))),
        damaged=bool(notes),
    )


def _last(run: RunFolder) -> Checkpoint:
    return last_checkpoint(run.checkpoints, on_note=lambda sentence: None)


def _weights(run: RunFolder) -> str:
    return hashlib.sha256((run.result / WEIGHTS_FILE).read_bytes()).hexdigest()


def _tensors(run: RunFolder) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in _last(run).state.tensors.items()}


def _rows(run: RunFolder) -> list[dict[str, str]]:
    with run.log_file.open(encoding="utf-8", newline="") as file:
        return [{name: value for name, value in row.items() if name != "seconds"} for row in csv.DictReader(file)]


def _print(findings: Findings) -> None:
    print("killed    after/s  steps kept  lost/s  what was found")
    for kill in findings.kills:
        when = "start" if kill.starting else "training"
        found = [
            *(["something half-written"] if kill.half_written else []),
            *(["last checkpoint damaged"] if kill.damaged else []),
        ]
        print(f"{when:8}  {kill.trained_s:7.2f}  {kill.steps:10d}  {kill.lost_s:6.2f}  {', '.join(found)}")
    lost = max((kill.lost_s for kill in findings.kills if not kill.starting), default=0.0)
    print(
        f"{findings.steps} steps take {findings.uninterrupted_s:.1f} s after {findings.start_s:.1f} s for the start; "
        f"with a checkpoint every {CHECKPOINT_SECONDS:g} s, at most {lost:.2f} s of training were lost."
    )
    for what, same in (
        ("weights to keep", findings.same_weights),
        ("state of the trainer", findings.same_state),
        ("table of epochs", findings.same_log),
    ):
        print(f"The same {what} as without kills: {'yes' if same else 'NO'}")
    print(f"Nothing half-written left: {'yes' if findings.clean else 'NO'}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--train", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train is not None:
        train(RunFolder(options.train))
        return
    findings = kill_and_compare(kills=options.kills, epochs=options.epochs, seed=options.seed)
    if options.json:
        print(json.dumps(asdict(findings) | {"passed": findings.passed}, indent=1))
    else:
        _print(findings)
    sys.exit(0 if findings.passed else 1)


if __name__ == "__main__":
    main()
