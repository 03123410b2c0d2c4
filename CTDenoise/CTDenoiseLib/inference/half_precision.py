"""Whether a processor gains by half precision: instructions for it do not say how fast they are."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from .backend import Backend
from .calibration import given_pace
from .devices import Precision
from .paces import Paces
from .probe import circumstances, probe

# Half precision must be worth its deviation.
LEAST_GAIN = 1.1

_SIDE = 128
_ROUNDS = 3
# Windows counts a thread's time in steps of 16 ms.
_LEAST_SECONDS = 0.1

_log = logging.getLogger(__name__)


def processor_gain(precision: Precision) -> float | None:
    """How many times as fast as in fp32 the processor computes in a precision.

    It is measured once on a machine, which takes about a second, and kept.

    Returns:
        The factor; `None` where the variable CTDENOISE_PACE forbids to measure.

    Raises:
        CalibrationError: The variable is no positive number.
    """
    if given_pace() is not None:
        return None
    half, paces = Backend("cpu", precision), Paces.of_this_user()
    name = f"gain, {circumstances(half)}"
    gain = paces.get(name)
    if gain is None:
        gain = _measured_gain(half)
        _log.info("The processor is %.3g times as fast in %s as in fp32.", gain, precision)
        paces.put(name, gain)
    return gain


def _measured_gain(half: Backend) -> float:
    """By the processor's time of a single thread, which other programs hardly change, while the two take turns."""
    with _one_thread():
        ways = [probe(backend, side=_SIDE) for backend in (Backend("cpu", "fp32"), half)]
        for way in ways:
            way()
        rounds = [[_processor_seconds(way) for way in ways] for _ in range(_ROUNDS)]
    single, other = (min(times) for times in zip(*rounds, strict=True))
    return float(single / other)


def _processor_seconds(work: Callable[[], object]) -> float:
    start, done, taken = time.thread_time(), 0, 0.0
    while taken < _LEAST_SECONDS:
        work()
        done += 1
        taken = time.thread_time() - start
    return taken / done


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
