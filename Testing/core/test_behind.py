from __future__ import annotations

import threading
import time

import pytest

from CTDenoiseLib.behind import WorkBehind


def fail():
    raise OSError("disk")


def test_all_is_done_in_order_when_the_block_ends():
    done = []
    with WorkBehind("test") as behind:
        for number in range(20):
            behind.do(done.append, number)
    assert done == list(range(20))


def test_the_caller_goes_on_meanwhile():
    finish = threading.Event()
    with WorkBehind("test") as behind:
        behind.do(finish.wait)
        finish.set()


def test_the_caller_waits_when_much_is_left_to_do():
    finish, given = threading.Event(), []

    def give():
        with WorkBehind("test") as behind:
            for number in range(50):
                behind.do(finish.wait)
                given.append(number)

    caller = threading.Thread(target=give)
    caller.start()
    time.sleep(0.2)
    assert 1 <= len(given) < 10
    finish.set()
    caller.join()
    assert len(given) == 50


def test_an_error_ends_the_block_at_the_latest():
    with pytest.raises(OSError, match="disk"), WorkBehind("test") as behind:
        behind.do(fail)


def test_an_error_is_raised_by_a_later_call():
    calls = []
    with pytest.raises(OSError, match="disk"):
        work_after_an_error(calls)
    assert len(calls) < 1000


def work_after_an_error(calls):
    with WorkBehind("test") as behind:
        behind.do(fail)
        for number in range(1000):
            time.sleep(0.001)
            behind.do(int)
            calls.append(number)


def test_what_waits_is_dropped_when_the_block_fails():
    done, begun, finish = [], threading.Event(), threading.Event()

    def work():
        begun.set()
        finish.wait()
        done.append("first")

    def stop_in_the_middle():
        with WorkBehind("test") as behind:
            behind.do(work)
            behind.do(done.append, "second")
            begun.wait()
            threading.Timer(0.1, finish.set).start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_in_the_middle()
    assert done == ["first"]
