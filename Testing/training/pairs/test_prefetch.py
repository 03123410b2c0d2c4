from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from itertools import count

import pytest
import torch

from CTDenoiseTrainLib.pairs.batch import Batch
from CTDenoiseTrainLib.pairs.prefetch import Prefetcher


class NumberSource:
    """Pairs that show nothing but their number; drawing takes as long as is said."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.drawn: list[tuple[int, ...]] = []

    def draw(self, numbers: Sequence[int]) -> Batch:
        time.sleep(self.seconds * (1 + numbers[0] % 3))
        self.drawn.append(tuple(numbers))
        shown = torch.tensor(numbers, dtype=torch.float32)
        return Batch(sections=shown[:, None, None, None], noise=shown[:, None, None, None], noise_hu=shown)


class BrokenSource(NumberSource):
    """Cannot draw pair 4."""

    def draw(self, numbers: Sequence[int]) -> Batch:
        if 4 in numbers:
            raise ValueError("pair 4 is broken")
        return super().draw(numbers)


def pairs_of_two(batches: int) -> list[tuple[int, int]]:
    return [(2 * index, 2 * index + 1) for index in range(batches)]


def wait_until(condition, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("threads", [1, 3])
def test_batches_come_in_order_whichever_thread_is_first(threads):
    with Prefetcher(NumberSource(seconds=0.002), pairs_of_two(20), threads=threads) as batches:
        assert [tuple(batch.noise_hu.tolist()) for batch in batches] == pairs_of_two(20)


def test_batches_are_drawn_ahead_but_no_more_than_asked():
    source = NumberSource()
    with Prefetcher(source, pairs_of_two(20), ahead=3) as batches:
        wait_until(lambda: len(source.drawn) == 3)
        next(batches)
        wait_until(lambda: len(source.drawn) == 4)
        # Nothing more comes however long one waits.
        time.sleep(0.05)
        assert len(source.drawn) == 4


def test_an_error_is_raised_where_its_batch_is_taken():
    with Prefetcher(BrokenSource(), pairs_of_two(5)) as batches:
        assert next(batches).noise_hu.tolist() == [0, 1]
        assert next(batches).noise_hu.tolist() == [2, 3]
        with pytest.raises(ValueError, match="pair 4 is broken"):
            next(batches)


def test_leaving_early_ends_the_threads():
    source, before = NumberSource(seconds=0.01), threading.active_count()
    with Prefetcher(source, ((number,) for number in count()), ahead=100, threads=2) as batches:
        next(batches)
    assert threading.active_count() == before
    # Of the hundred that were waiting, only those begun are finished.
    assert len(source.drawn) < 50


def test_the_wait_of_the_taker_is_measured():
    slow = NumberSource(seconds=0.05)
    with Prefetcher(slow, [(0,), (3,)]) as batches:
        list(batches)
        # Two batches of 0.05 s with nothing to do in between; the clock may tick coarsely.
        assert 0.09 < batches.waited < 1.0
    quick = NumberSource()
    with Prefetcher(quick, [(0,)]) as batches:
        wait_until(lambda: quick.drawn)
        time.sleep(0.05)
        list(batches)
        assert batches.waited < 0.04


def test_no_numbers_give_no_batches():
    with Prefetcher(NumberSource(), []) as batches:
        assert list(batches) == []
