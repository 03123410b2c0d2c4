"""Several processes that train one network, as `torchrun` starts them on one or more machines.

    torchrun --nproc-per-node 2 --no-python ctdenoise train RECIPE.toml

Each process draws its share of every batch by the numbers of the pairs, gradients are averaged by PyTorch's
DistributedDataParallel and batch norm looks at all shares, so that the network is that of one process with the whole
batch, up to rounding. The first process validates, saves, tells and is told; the others wait for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from importlib import import_module

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from CTDenoiseLib.errors import Cancelled

from ..errors import RecipeError, TrainingError
from .news import StoppedError
from .synchronised_norm import synchronise_batch_norm

# The others wait for the first while it validates, and for as long as a user lets it pause.
_PATIENCE = timedelta(days=7)


class _Word(IntEnum):
    """What the first process tells the others."""

    GO_ON = 0
    END = 1
    STOPPED = 2
    CANCELLED = 3
    FAILED = 4


@dataclass(frozen=True)
class Processes:
    """The processes of a training.

    Attributes:
        rank: Number of this one, from 0.
        count: How many there are.
    """

    rank: int = 0
    count: int = 1

    @classmethod
    def present(cls) -> Processes:
        """Those that have joined; only this one where none has."""
        if dist.is_available() and dist.is_initialized():
            return cls(dist.get_rank(), dist.get_world_size())
        return cls()

    @property
    def is_first(self) -> bool:
        """Whether this process validates, saves, tells and is told."""
        return self.rank == 0

    def share(self, step: int, batch: int) -> range:
        """Numbers of the pairs of a step that this process draws.

        Args:
            step: From 0.
            batch: Pairs of a step, over all processes; a multiple of their count.
        """
        size = batch // self.count
        start = step * batch + self.rank * size
        return range(start, start + size)

    def check_batch(self, batch: int) -> None:
        """See that the batch can be shared evenly.

        Raises:
            RecipeError: It cannot.
        """
        if batch % self.count:
            raise RecipeError(
                f"A batch of {batch} cannot be shared evenly by {self.count} processes; choose a multiple of "
                f"{self.count}."
            )

    def wrapped(self, network: nn.Module, device: str) -> nn.Module:
        """The network to be called in training; its batch norms are replaced, its parameters stay the same objects."""
        if self.count == 1:
            return network
        synchronise_batch_norm(network, device=device)
        return DistributedDataParallel(network)

    def mean(self, value: Tensor) -> Tensor:
        """Mean of a value over the processes."""
        if self.count > 1:
            value = value.clone()
            dist.all_reduce(value)
            value /= self.count
        return value

    def lead(self, act: Callable[[], bool]) -> bool:
        """Have the first process do something while the others wait.

        Args:
            act: Called in the first process only. What it raises ends the others, too.

        Returns:
            What `act` returned, in all processes.

        Raises:
            StoppedError: In all processes, if `act` raised it.
            Cancelled: Likewise.
            TrainingError: In the others, if `act` raised anything else.
        """
        if self.count == 1:
            return act()
        if not self.is_first:
            return _follow()
        try:
            end = act()
        except BaseException as error:
            _tell(_word_for(error))
            raise
        _tell(_Word.END if end else _Word.GO_ON)
        return end


@contextmanager
def joined_processes() -> Iterator[Processes]:
    """Join the processes that `torchrun` started this one with, for the time of the block.

    A process that was not started by `torchrun`, or is the only one, is alone.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Processes()
        return
    # Who leads tells the others by the processor, so that graphics processors are not kept waiting in a collective.
    on_graphics = torch.cuda.is_available()
    if on_graphics:
        torch.cuda.set_device(_local_rank())
    # Imported later, its functions would keep the processes as their default beyond the end, and PyTorch then now and
    # then aborts as the program ends.
    import_module("torch.distributed.nn")
    dist.init_process_group("cpu:gloo,cuda:nccl" if on_graphics else "gloo", timeout=_PATIENCE)
    try:
        yield Processes.present()
    finally:
        dist.destroy_process_group()


def own_device(name: str) -> str:
    """The device that this process shall take where a recipe names one for all: each its own graphics processor.

    Args:
        name: As for `Backend.choose`.

    Raises:
        RecipeError: One graphics processor is named for several processes, or several for one.
    """
    if name == "cuda:all":
        raise RecipeError(
            "Training takes a process for each graphics processor, which torchrun starts; name the device “auto” or "
            "“cuda”."
        )
    if Processes.present().count == 1 or not torch.cuda.is_available() or name in ("cpu", "mps"):
        return name
    if name not in ("auto", "cuda"):
        raise RecipeError(f"Several processes cannot share {name}; name the device “auto” or “cuda”.")
    return f"cuda:{_local_rank()}"


def _local_rank() -> int:
    """Number of this process among those of its machine."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def _word_for(error: BaseException) -> _Word:
    match error:
        case StoppedError():
            return _Word.STOPPED
        case Cancelled():
            return _Word.CANCELLED
    return _Word.FAILED


def _tell(word: _Word) -> None:
    dist.broadcast(torch.tensor(int(word)), src=0)


def _follow() -> bool:
    told = torch.tensor(0)
    dist.broadcast(told, src=0)
    match _Word(int(told)):
        case _Word.STOPPED:
            raise StoppedError
        case _Word.CANCELLED:
            raise Cancelled("The first process of the training was cancelled.")
        case _Word.FAILED:
            raise TrainingError("The first process of the training failed; see what it says.")
        case word:
            return word == _Word.END
