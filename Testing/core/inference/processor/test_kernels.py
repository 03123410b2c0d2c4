"""Each kernel against PyTorch, or against its definition in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from CTDenoiseLib.inference.processor import kernels
from CTDenoiseLib.inference.processor.features import Features

TYPES = [torch.float32, torch.bfloat16]
UNTOUCHED = 77.0


def features(shape, dtype, *, seed=0):
    return Features.of(torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(dtype))


def untouched(shape, dtype):
    return Features.of(torch.full(shape, UNTOUCHED, dtype=dtype))


def activated(numbers, exponential, slope):
    source = Features.of(torch.as_tensor(numbers, dtype=torch.float32).reshape(1, -1, 1))
    target = untouched(source.tensor.shape, torch.float32)
    kernels.activate(source.array, target.array, 0, 1, (np.float32(exponential), np.float32(slope)))
    return target.tensor.flatten()


ACTIVATIONS = [
    pytest.param(1.0, 0.0, functional.elu, id="ELU"),
    pytest.param(2.5, 0.0, lambda x: functional.elu(x, alpha=2.5), id="ELU of 2.5"),
    pytest.param(0.0, 0.2, lambda x: functional.leaky_relu(x, 0.2), id="leaky ReLU"),
    pytest.param(0.0, 0.0, functional.relu, id="ReLU"),
    pytest.param(0.0, 1.0, lambda x: x, id="none"),
]


@pytest.mark.parametrize(("exponential", "slope", "expected"), ACTIVATIONS)
def test_activations_are_those_of_pytorch(exponential, slope, expected):
    small = torch.logspace(-30, 2, 40_000, dtype=torch.float64)
    numbers = torch.cat([-small, torch.tensor([-0.0, 0.0]), small]).float()
    deviation = activated(numbers, exponential, slope).double() - expected(numbers.double())
    # 3e-6 is what the series of the exponential function promises; all else is rounded once.
    assert deviation.abs().max() <= max(3e-6 * exponential, 100 * 2.0**-24)
    close = numbers.abs() < 1e-3
    assert (deviation[close].abs() <= 1e-5 * numbers[close].abs() * max(1.0, exponential)).all()


@pytest.mark.parametrize(("exponential", "slope", "_"), ACTIVATIONS)
def test_no_activation_hides_nan_or_an_infinity_above(exponential, slope, _):
    assert not activated([np.nan, np.inf], exponential, slope).isfinite().any()


@pytest.mark.parametrize("dtype", TYPES)
def test_activated_rows_are_put_at_every_second_row(dtype):
    source, target = features((3, 5, 2), dtype), untouched((8, 5, 2), dtype)
    kernels.activate(source.array, target.array, 1, 2, (np.float32(0), np.float32(0)))
    torch.testing.assert_close(target.tensor[1:7:2], source.tensor.relu(), rtol=0, atol=0)
    assert (target.tensor[[0, 2, 4, 6, 7]] == UNTOUCHED).all()


def halves_of(values):
    window = Features.of(torch.as_tensor(values).reshape(1, -1, 1))
    halves = untouched((1, len(values), 2), torch.bfloat16)
    kernels.split(window.array, halves.array, 0, 1)
    return halves.tensor[0].T


def test_bf16_is_rounded_to_nearest_as_pytorch_does():
    bits = np.random.default_rng(0).integers(0, 2**32, 100_000, dtype=np.uint32)
    ties = np.arange(0x3F80, 0x4080, dtype=np.uint32) << 16 | 0x8000
    values = torch.from_numpy(np.concatenate([bits, ties, ties - 1, ties + 1]).view(np.float32))
    values = values[values.isfinite()]
    rounded, _ = halves_of(values)
    torch.testing.assert_close(rounded, values.bfloat16(), rtol=0, atol=0)


def test_two_halves_together_keep_twice_the_bits(numbers):
    values = 10 * numbers(10_000)
    rounded, rest = halves_of(values).double()
    # Half a unit of the 8th bit is left by each rounding; a sum of two keeps 16 bits or more.
    assert ((rounded + rest - values).abs() <= values.abs() * 2.0**-17).all()


# NaN as arithmetic makes it, the NaNs with the lowest and the highest bits that bf16 has, and infinity.
@pytest.mark.parametrize("bits", [0x7FC00000, 0xFFC00000, 0x7F810000, 0x7FFF0000, 0xFFFF0000, 0x7F800000, 0xFF800000])
def test_no_nan_or_infinity_becomes_a_number_in_bf16(bits):
    values = torch.from_numpy(np.array([bits], np.uint32).view(np.float32))
    assert not halves_of(values)[0].isfinite().any()


def test_channels_of_a_pixel_are_followed_by_their_rests():
    window, halves = features((4, 3, 5), torch.float32), untouched((4, 3, 10), torch.bfloat16)
    kernels.split(window.array, halves.array, 1, 3)
    rounded = window.tensor.bfloat16()
    torch.testing.assert_close(halves.tensor[1:3, :, :5], rounded[1:3], rtol=0, atol=0)
    torch.testing.assert_close(halves.tensor[1:3, :, 5:], (window.tensor - rounded).bfloat16()[1:3], rtol=0, atol=0)
    assert (halves.tensor[[0, 3]] == UNTOUCHED).all()


sizes = st.integers(1, 9)


@settings(max_examples=50)
@given(height=st.integers(1, 14), width=sizes, channels=sizes, before=st.integers(0, 3), after=st.integers(0, 3))
def test_input_is_transformed_with_zeros_around_it(input_transform, *, height, width, channels, before, after):
    source = features((height, width, channels), torch.float32)
    zeros = np.zeros((width, channels), np.float32)
    padded = np.pad(source.array, ((1, 8), (0, 0), (0, 0)))
    for first in range(0, height, 8):
        tiles = min(2, -(-(height - first) // 4))
        factors = np.full((6, tiles, width, before + channels + after), UNTOUCHED, np.float32)
        kernels.transform_input(source.array, first, factors, before, zeros)
        for tile in range(tiles):
            top = first + 4 * tile
            expected = np.einsum("kd,dxc->kxc", input_transform, padded[top : top + 6])
            found = factors[:, tile, :, before : before + channels]
            # Sums of six numbers of a few units, of 24 bits.
            np.testing.assert_allclose(found, expected, atol=1e-5)
        others = np.delete(factors, range(before, before + channels), axis=3)
        assert (others == UNTOUCHED).all()


@settings(max_examples=50)
@given(height=st.integers(1, 14), width=sizes, channels=sizes, strip=st.sampled_from([4, 8, 12]))
def test_output_is_transformed_into_its_rows_only(output_transform, *, height, width, channels, strip):
    target = untouched((height, width, channels), torch.float32)
    spare = np.empty((3, width, channels), np.float32)
    for first in range(0, height, strip):
        tiles = -(-(min(first + strip, height) - first) // 4)
        products = tuple(features((tiles, width, channels), torch.float32, seed=k).array for k in range(6))
        kernels.transform_output(products, target.array, first, spare, (np.float32(0), np.float32(1)))
        rows = np.einsum("rk,ktxc->trxc", output_transform, np.stack(products)).reshape(-1, width, channels)
        last = min(first + strip, height)
        # The largest coefficient is 8.
        np.testing.assert_allclose(target.array[first:last], rows[: last - first], atol=1e-4)
        assert (target.array[last:] == UNTOUCHED).all()


@pytest.mark.parametrize("dtype", TYPES)
@settings(max_examples=50)
@given(height=st.integers(2, 9), width=st.integers(2, 9), channels=sizes)
def test_pooling_is_that_of_pytorch(dtype, height, width, channels):
    source = features((height, width, channels), dtype)
    expected = functional.max_pool2d(source.tensor.float().permute(2, 0, 1), 2).permute(1, 2, 0).to(dtype)
    rows = len(expected)
    target = untouched((rows, width // 2, channels), dtype)
    kernels.pool(source.array, target.array, 0, rows - 1)
    assert (target.tensor[rows - 1 :] == UNTOUCHED).all()
    kernels.pool(source.array, target.array, rows - 1, rows)
    torch.testing.assert_close(target.tensor, expected, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", TYPES)
def test_a_projection_is_not_rounded_to_bf16(dtype):
    source = features((5, 7, 33), dtype)
    weights = np.linspace(-1, 1, 34).astype(np.float32)
    target = untouched((5, 7, 1), torch.float32)
    kernels.project(source.array, weights, target.array, 1, 4)
    expected = source.tensor.double().numpy() @ weights[:33] + weights[33]
    # 34 numbers of a few units, of 24 bits.
    np.testing.assert_allclose(target.array[1:4, :, 0], expected[1:4], atol=1e-5)
    assert (target.array[[0, 4]] == UNTOUCHED).all()
