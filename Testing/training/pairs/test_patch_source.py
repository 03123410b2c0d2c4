from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.pairs.batch import Batch
from CTDenoiseTrainLib.pairs.patch_source import PatchSource
from CTDenoiseTrainLib.pairs.split import CasePart
from CTDenoiseTrainLib.recipe.content import PatchOptions
from support.plain_pairs import PlainPairs, body_case

OPTIONS = PatchOptions(side=16)


def source_of(*cases: PlainPairs, seed: int = 0, threads: int = 1, context: int = 1) -> PatchSource:
    parts = [CasePart(case, tuple(range(case.shape[0]))) for case in cases]
    return PatchSource(parts, OPTIONS, context=context, seed=seed, threads=threads)


def equal(first: Batch, second: Batch) -> bool:
    fields = ("sections", "noise", "noise_hu")
    return all(torch.equal(getattr(first, field), getattr(second, field)) for field in fields)


@pytest.fixture(scope="module")
def source() -> PatchSource:
    return source_of(body_case(seed=0), body_case(patient="B", seed=1))


def test_a_batch_has_the_shapes_and_the_noise_it_says(source):
    batch = source.draw(range(8))
    assert batch.sections.shape == (8, 3, 16, 16)
    assert batch.noise.shape == (8, 1, 16, 16)
    assert {tensor.dtype for tensor in (batch.sections, batch.noise, batch.noise_hu)} == {torch.float32}
    assert batch.noise_hu.tolist() == pytest.approx(batch.noise.std((1, 2, 3), correction=0).tolist(), rel=1e-5)


def test_input_less_noise_is_the_anatomy(source):
    batch = source.draw(range(8))
    clean = (batch.sections[:, 1:2] - batch.noise).numpy()
    # The body is made of three values of HU; float32 of 1000 HU is exact to 1e-4 HU.
    assert np.isclose(clean[..., None], [-1000, 40, 700], atol=1e-3).any(-1).all()


@given(numbers=st.lists(st.integers(0, 2**40), min_size=1, max_size=6))
def test_a_pair_is_the_same_in_whatever_batch_it_is_drawn(source, numbers):
    together = source.draw(numbers)
    for index, number in enumerate(numbers):
        alone = source.draw([number])
        assert torch.equal(together.sections[index], alone.sections[0])
        assert torch.equal(together.noise[index], alone.noise[0])


def test_the_same_seed_gives_the_same_pairs_in_another_process(source):
    again = source_of(body_case(seed=0), body_case(patient="B", seed=1), threads=3)
    assert equal(source.draw(range(20)), again.draw(range(20)))


def test_another_seed_gives_other_pairs():
    # So small that all its pixels are remembered: what differs is drawn for each pair.
    small = body_case((2, 24, 20))
    first, second = (source_of(small, seed=seed) for seed in (0, 1))
    assert not equal(first.draw(range(5)), second.draw(range(5)))


def test_pairs_of_different_numbers_differ(source):
    noise = source.draw(range(50)).noise
    assert len(torch.unique(noise.flatten(1), dim=0)) == 50


def test_constant_patches_are_drawn_again():
    """Half of the sections are the same in all voxels, as after anonymisation or a failed export."""
    case = body_case((8, 48, 48))
    case.clean[::2] = 40
    case.noise[::2] = 0
    batch = source_of(case, context=0).draw(range(40))
    assert bool((batch.noise_hu > 5).all())


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_case_without_noise_is_refused_by_name(value):
    empty = replace(body_case(patient="B"), noise=np.full((9, 48, 40), value, dtype=np.float32))
    with pytest.raises(DataError, match=r"Images of patient B gives only patches that are constant or have no noise"):
        source_of(body_case(), empty)


def test_parts_without_sections_are_passed_over():
    parts = [CasePart(body_case(patient="B"), ()), CasePart(body_case(), (3, 4))]
    assert len(PatchSource(parts, OPTIONS, context=1, seed=0, threads=1).draw(range(3)).noise) == 3
