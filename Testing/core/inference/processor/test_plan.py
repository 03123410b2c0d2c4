"""Memory in which no living features overlap, and strips that cover all rows once."""

from __future__ import annotations

import copy
import functools
from itertools import combinations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.inference.processor.plan import make_plan
from CTDenoiseLib.inference.processor.program import GIVEN, layers_of
from CTDenoiseLib.inference.processor.steps import steps_of

NETWORKS = [
    ("hrcnn", {"width": 3, "levels": 1}),
    ("hrcnn", {"width": 8, "levels": 5}),
    ("hrcnn", {"width": 33, "levels": 2}),
    ("unet", {"width": 2}),
    ("plain-cnn", {"filters": 5, "kernel_size": 5}),
    ("plain-cnn", {"filters": 32}),
]


@pytest.fixture(scope="session")
def plan_of(folded):
    """Makes layers, steps and plan of a network for a section of some cells of its stride."""

    @functools.cache
    def network_of(name, configuration, dtype):
        network = folded(name, **dict(configuration))
        layers = layers_of(network)
        return network, layers, steps_of(layers, dtype)

    def make(name, configuration, cells, dtype, threads):
        network, layers, steps = network_of(name, tuple(configuration.items()), dtype)
        given = (cells[0] * network.stride, cells[1] * network.stride, 2 * network.context + 1)
        return layers, steps, make_plan(layers, steps, given, dtype=dtype, threads=threads)

    return make


networks = st.sampled_from(NETWORKS)
types = st.sampled_from([torch.float32, torch.bfloat16])
cells = st.tuples(st.integers(1, 40), st.integers(1, 40))
threads = st.integers(1, 70)


def size_of(stage, dtype):
    rows, columns, channels = stage.shape
    return rows * columns * channels * dtype.itemsize


@given(network=networks, cells=cells, dtype=types, threads=threads)
def test_features_that_are_still_needed_never_overlap(plan_of, *, network, cells, dtype, threads):
    layers, _, plan = plan_of(*network, cells, dtype, threads)
    stages = {GIVEN: plan.given} | dict(enumerate(plan.stages[:-1]))
    # From the layer that writes them, while others still write, to the last one that reads them.
    lives = {
        number: (number, max(reader for reader, layer in enumerate(layers) if number in layer.sources))
        for number in stages
    }
    for one, other in combinations(stages, 2):
        if lives[one][0] <= lives[other][1] and lives[other][0] <= lives[one][1]:
            first, second = sorted((stages[one], stages[other]), key=lambda stage: stage.offset)
            assert first.offset + size_of(first, dtype) <= second.offset
    assert max(stage.offset + size_of(stage, dtype) for stage in stages.values()) <= plan.size
    assert all(stage.offset % 64 == 0 for stage in stages.values())


@given(network=networks, cells=cells, dtype=types, threads=threads)
def test_strips_cover_all_rows_once(plan_of, *, network, cells, dtype, threads):
    layers, steps, plan = plan_of(*network, cells, dtype, threads)
    stages = {GIVEN: plan.given} | dict(enumerate(plan.stages))
    for layer, step, stage in zip(layers, steps, plan.stages, strict=True):
        rows = stages[layer.sources[0]].shape[0] if step.by_source else stage.shape[0]
        assert [row for strip in stage.strips for row in strip] == list(range(rows))
        assert all(strip.start % step.rows_together == 0 for strip in stage.strips)
        # No thread takes more than its share.
        assert max(map(len, stage.strips)) <= max(step.rows_together, -(-rows // threads))


@pytest.mark.parametrize("network", NETWORKS, ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_shapes_are_those_of_the_modules(plan_of, network, dtype):
    layers, _, plan = plan_of(*network, (3, 2), dtype, 2)
    rows, columns, sections = plan.given.shape
    halves = 1 if dtype == torch.float32 else 2
    values = {GIVEN: torch.empty(1, sections // halves, rows, columns, device="meta")}
    for number, (layer, stage) in enumerate(zip(layers, plan.stages, strict=True)):
        module = copy.deepcopy(layer.module).to("meta")
        values[number] = module(torch.cat([values[source] for source in layer.sources], dim=1))
        assert stage.shape == (*values[number].shape[2:], values[number].shape[1])


def test_sides_at_which_joined_features_would_not_fit_are_refused(folded):
    # The kernels would write beyond the end of their memory.
    network = folded("unet", width=2)
    layers = layers_of(network)
    for shape in ((network.stride + 1, network.stride, 1), (network.stride, network.stride - 1, 1)):
        with pytest.raises(ValueError, match=r"\d+ × \d+"):
            make_plan(layers, steps_of(layers, torch.float32), shape, dtype=torch.float32, threads=1)


def test_memory_is_used_again(plan_of):
    layers, _, plan = plan_of("hrcnn", {"width": 32, "levels": 5}, (8, 8), torch.bfloat16, 2)
    finest = max(size_of(stage, torch.bfloat16) for stage in plan.stages[:-1])
    # The skip of the finest level, what comes from below, and what the first convolution makes of both.
    assert 3 * finest <= plan.size < 4 * finest
    assert plan.size < sum(size_of(stage, torch.bfloat16) for stage in plan.stages[: len(layers) - 1]) / 2


def test_strips_of_a_large_section_fit_into_a_cache(plan_of):
    _, _, plan = plan_of("hrcnn", {"width": 64, "levels": 2}, (512, 512), torch.bfloat16, 1)
    _, columns, channels = plan.stages[0].shape
    assert max(len(strip) for strip in plan.stages[0].strips) * columns * channels * 2 <= 2 * 2**20
