"""Threads that share strips: each strip once, each thread alone, and no one at work when it is over."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter

import pytest
import torch

from CTDenoiseLib.inference.processor.crew import Crew, crew_of


@pytest.fixture(params=[1, 2, 3])
def crew(request, set_threads):
    set_threads(request.param)
    return crew_of(request.param)


@pytest.fixture
def pair(set_threads):
    """Two threads."""
    set_threads(2)
    return crew_of(2)


@pytest.mark.parametrize("strips", [0, 1, 2, 3, 50])
def test_each_strip_is_worked_on_once(crew, strips):
    done = []
    crew.share(done.append, range(strips))
    assert Counter(done) == Counter(range(strips))


def test_all_threads_work_at_the_same_time(crew):
    together = threading.Barrier(crew.threads)
    crew.share(lambda _: together.wait(timeout=30), range(crew.threads))


def test_each_thread_computes_alone_whatever_it_has_computed_before(pair):
    together, seen = threading.Barrier(2), []

    def work(_):
        # So large that PyTorch would share it, and sets up the thread for it.
        torch.ones(512, 512).exp()
        seen.append(torch.get_num_threads())
        together.wait(timeout=30)

    pair.share(work, range(4))
    assert seen == [1] * 4


def test_other_threads_keep_the_number_that_was_set(set_threads):
    set_threads(3)
    Crew(3)
    seen = [torch.get_num_threads()]
    later = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    later.start()
    later.join()
    assert seen == [3, 3]


def test_nothing_is_recorded_for_gradients(crew):
    seen = []
    crew.share(lambda _: seen.append(torch.is_inference_mode_enabled()), range(5))
    assert seen == [True] * 5
    assert not torch.is_inference_mode_enabled()


def test_an_error_ends_the_work_and_is_raised_when_nobody_works_on(crew):
    working, begun = Counter(), []

    def work(strip):
        begun.append(strip)
        working["now"] += 1
        try:
            if strip == 1:
                raise MemoryError("strip 1")
            time.sleep(0.02)
        finally:
            working["now"] -= 1

    with pytest.raises(MemoryError, match="strip 1"):
        crew.share(work, range(100))
    assert working["now"] == 0
    assert len(begun) < 10


def test_a_crew_works_on_after_an_error(crew):
    with pytest.raises(ZeroDivisionError):
        crew.share(lambda strip: 1 / strip, range(4))
    done = []
    crew.share(done.append, range(4))
    assert sorted(done) == [0, 1, 2, 3]


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="Windows sends no signals to a thread.")
def test_after_an_interrupt_nobody_writes_any_more(pair):
    done = []

    def work(strip):
        time.sleep(0.02)
        if strip == 0:
            # By now the caller waits.
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        done.append(strip)

    with pytest.raises(KeyboardInterrupt):
        pair.share(work, range(10))
    before = len(done)
    time.sleep(0.1)
    assert len(done) == before < 10


def test_two_callers_may_share_a_crew(pair):
    done = Counter()
    lock = threading.Lock()

    def work(strip):
        with lock:
            done[strip] += 1

    callers = [threading.Thread(target=pair.share, args=(work, range(100))) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=30)
    assert done == dict.fromkeys(range(100), 4)


def test_a_crew_is_made_once(set_threads):
    set_threads(2)
    assert crew_of(2) is crew_of(2)
