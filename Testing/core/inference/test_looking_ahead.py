"""Runs that start batches before their turn, as on graphics processors; here the processor does so."""

from __future__ import annotations

import gc

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from CTDenoiseLib.inference import Cancelled, Denoiser, denoiser
from CTDenoiseLib.inference.graphics.streams import PlainStreams
from CTDenoiseLib.volume import Volume
from support.read_ahead import threads, wait_until


class WatchedVolume(Volume):
    """Knows what was read of it. Some sections have not come yet, and some cannot be read."""

    def __init__(self, hu):
        super().__init__(hu)
        for name in ("read", "missing", "damaged"):
            object.__setattr__(self, name, set())

    def is_there(self, index):
        return index not in self.missing

    def section(self, index):
        if index in self.damaged:
            raise LookupError(index)
        self.read.add(index)
        return super().section(index)


@pytest.fixture(autouse=True)
def ahead(monkeypatch):
    monkeypatch.setattr(denoiser, "streams_of", lambda part: PlainStreams(part.device, batches_ahead=1))


@pytest.fixture
def watched(rng):
    """Twelve sections."""
    return WatchedVolume(rng.normal(50, 30, (12, 8, 8)).astype(np.float32))


@pytest.fixture
def run_of(quarter, exact):
    """Begins a run with a model of one section of context on each side."""

    def begin(volume, *, batch_size=2, **options):
        return Denoiser(quarter, exact, batch_size=batch_size).sections(volume, **options)

    return begin


@pytest.mark.parametrize("batch_size", [1, 3, 40])
def test_results_and_order_are_those_of_a_run_in_turn(model, exact, soft_tissue, monkeypatch, batch_size):
    looking_ahead = Denoiser(model, exact, batch_size=batch_size)
    sections = list(looking_ahead.sections(soft_tissue, strength=0.7))
    monkeypatch.undo()
    expected = list(Denoiser(model, exact, batch_size=batch_size).sections(soft_tissue, strength=0.7))
    assert [section.index for section in sections] == list(range(7))
    for section, in_turn in zip(sections, expected, strict=True):
        np.testing.assert_array_equal(section.output, in_turn.output)
        np.testing.assert_array_equal(section.noise, in_turn.noise)


def test_the_next_batch_is_started_and_the_one_after_it_read_before_the_first_is_handed_out(run_of, watched):
    run = run_of(watched)
    assert next(run).index == 0
    assert run._lanes[0].started == 2
    # Batches {0, 1}, {2, 3} and {4, 5} with a section of context at each end, and no more.
    wait_until(lambda: watched.read == set(range(7)))
    next(run)
    assert run._lanes[0].started == 2
    assert watched.read == set(range(7))


def test_sections_that_have_not_come_are_not_looked_for_ahead(run_of, watched):
    watched.missing.update({3, 9})
    run = run_of(watched)
    next(run)
    assert run._lanes[0].started == 1
    assert 3 not in watched.read
    watched.missing.clear()
    assert [section.index for section in run] == list(range(1, 12))


def test_prioritised_sections_follow_the_batch_at_work_though_another_is_started(run_of, watched):
    run = run_of(watched)
    seen = [next(run).index]
    run.prioritise([9, 7, 8])
    seen += [section.index for section in run]
    assert seen == [0, 1, 9, 7, 8, 2, 3, 4, 5, 6, 10, 11]


def test_urgent_sections_are_handed_out_before_anything_else_is_started(run_of, watched):
    run = run_of(watched)
    run.prioritise([5])
    assert next(run).index == 5
    assert run._lanes[0].started == 1


def test_a_prioritised_section_that_was_started_with_others_is_handed_out_once(run_of, watched):
    run = run_of(watched)
    seen = [next(run).index]
    run.prioritise([3])
    seen += [section.index for section in run]
    assert seen == [0, 1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11]
    assert run.statistics.sections == 12


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batch_size=st.integers(1, 5),
    wishes=st.dictionaries(st.integers(0, 11), st.lists(st.integers(0, 11), min_size=1, max_size=6), max_size=5),
)
def test_whatever_is_prioritised_each_section_comes_once_and_the_urgent_ones_next(run_of, watched, batch_size, wishes):
    run = run_of(watched, batch_size=batch_size)
    seen = []
    urgent, since = [], 0
    for section in run:
        np.testing.assert_allclose(section.noise, 0.25 * watched.hu[section.index], rtol=1e-6)
        seen.append(section.index)
        if urgent:
            # At most the rest of the batch that was at work came before.
            came = [index for index in seen[since:] if index in urgent]
            assert came == urgent[: len(came)]
            assert len(seen) - since - len(came) < batch_size or len(came) == len(urgent)
        if len(seen) in wishes:
            run.prioritise(wishes[len(seen)])
            since = len(seen)
            waiting = set(run._waiting)
            urgent = [index for index in dict.fromkeys(wishes[len(seen)]) if index in waiting]
    assert sorted(seen) == list(range(12))


def test_an_error_is_told_in_its_turn_and_the_run_goes_on(run_of, watched):
    watched.damaged.add(4)
    run = run_of(watched)
    seen = [next(run).index for _ in range(2)]
    with pytest.raises(LookupError):
        next(run)
    run.prioritise([10])
    seen.append(next(run).index)
    with pytest.raises(LookupError):
        next(run)
    watched.damaged.clear()
    seen += [section.index for section in run]
    assert seen == [0, 1, 10, 2, 3, 4, 5, 6, 7, 8, 9, 11]


def test_a_cancelled_run_hands_nothing_more_out_and_reads_nothing_more(run_of, watched):
    run = run_of(watched, cancelled=lambda: run.statistics.sections >= 3)
    with pytest.raises(Cancelled, match="after 4 of 12 sections"):
        list(run)
    assert not threads()


def test_a_run_that_came_to_its_end_reads_no_more(run_of, watched):
    run = run_of(watched)
    list(run)
    assert not threads()
    assert next(run, None) is None


def test_a_run_that_is_dropped_reads_no_more(run_of, watched):
    run = run_of(watched)
    next(run)
    assert threads()
    del run
    gc.collect()
    wait_until(lambda: not threads())


def test_closing_a_run_ends_its_reading(run_of, watched):
    run = run_of(watched)
    next(run)
    run.close()
    assert not threads()
    assert [section.index for section in run] == list(range(1, 12))


def test_memory_does_not_grow_with_the_number_of_sections(run_of, rng):
    # As in the runs in turn: what is kept of each of these sections of 64 KiB would show as 20 MiB or more.
    section = rng.normal(0, 100, (1, 128, 128)).astype(np.float32)
    run = run_of(Volume(np.broadcast_to(section, (350, 128, 128))), batch_size=4)
    process = psutil.Process()
    for _ in range(50):
        next(run)
    before = process.memory_info().rss
    for _ in range(300):
        next(run)
    assert process.memory_info().rss - before < 6 * 2**20
