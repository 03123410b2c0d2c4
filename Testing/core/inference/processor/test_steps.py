"""Each step, strip by strip, against the same layer of PyTorch in float64."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from CTDenoiseLib.inference.processor.features import Features, Scratch
from CTDenoiseLib.inference.processor.program import GIVEN, IDENTITY, Activation, Layer, UnknownLayerError
from CTDenoiseLib.inference.processor.steps import (
    Convolution,
    Deconvolution,
    Pooling,
    Projection,
    UpConvolution,
    WinogradConvolution,
    steps_of,
)

# Largest deviation in standard deviations of the result. float32: some roundings to 24 bits, and the exponential
# function's 3e-6. bf16: two roundings, before and after the activation, by half a unit of the 8th bit: 0.004 of numbers
# of up to five standard deviations.
ALLOWED = {torch.float32: 3e-5, torch.bfloat16: 0.03}
# Winograd's transforms round six factors and six products more, which are multiplied by up to 8 and cancel again.
WINOGRAD = 3

ELU = Activation(1.0, 0.0)
dtypes = st.sampled_from([torch.float32, torch.bfloat16])
activations = st.sampled_from(
    [
        (IDENTITY, nn.Identity()),
        (ELU, nn.ELU()),
        (Activation(2.5, 0.0), nn.ELU(2.5)),
        (Activation(0.0, 0.2), nn.LeakyReLU(0.2)),
        (Activation(0.0, 0.0), nn.ReLU()),
    ]
)
heights = st.integers(1, 19)
widths = st.integers(1, 11)
# Multiples of the four rows that Winograd's convolutions take together.
strip_heights = st.sampled_from([4, 8, 12, 20])


@pytest.fixture(scope="session")
def scratch():
    """The same for all sizes, as in a network."""
    return Scratch()


def one_step(module, sources, activation, dtype, *, last=False):
    layer = Layer(module, sources, activation)
    if last:
        return steps_of([layer], dtype)[0]
    return steps_of([layer, Layer(nn.Conv2d(1, 1, 1), (0,))], dtype)[0]


def run(step, sources, scratch, *, strip=4, dtype=torch.float32):
    """The step's result, computed in strips of so many rows, the last one first."""
    shape = step.shape((*sources[0].tensor.shape[:2], sum(source.tensor.shape[2] for source in sources)))
    target = Features.of(torch.full(shape, torch.nan, dtype=dtype))
    rows = sources[0].tensor.shape[0] if step.by_source else shape[0]
    for first in reversed(range(0, rows, strip)):
        step.run(sources, target, range(first, min(first + strip, rows)), scratch)
    return target.tensor.double()


def some_features(height, width, channels, dtype):
    return Features.of(torch.randn(height, width, channels).to(dtype))


def expected(module, activation, sources):
    joined = torch.cat([source.tensor for source in sources], dim=2).double()
    with torch.inference_mode():
        result = activation(module.double()(joined[None].permute(0, 3, 1, 2)))
    return result[0].permute(1, 2, 0)


def rounded(module, dtype):
    """The module with weights that the type can hold, for only the arithmetic is to be compared."""
    return module.to(dtype).float()


def assert_close(found, truth, allowed):
    assert found.shape == truth.shape
    scale = max(float(truth.square().mean().sqrt()), 0.1)
    assert (found - truth).abs().max() <= allowed * scale


@settings(max_examples=50)
@given(
    height=heights,
    width=widths,
    parts=st.sampled_from([(32,), (35,), (16, 16), (1, 40, 7)]),
    filters=st.sampled_from([1, 5, 32]),
    bias=st.booleans(),
    activation=activations,
    strip=strip_heights,
    dtype=dtypes,
)
def test_winograd_convolution(scratch, *, height, width, parts, filters, bias, activation, strip, dtype):
    torch.manual_seed(height)
    module = rounded(nn.Conv2d(sum(parts), filters, 3, padding=1, bias=bias), dtype)
    step = one_step(module, tuple(range(len(parts))), activation[0], dtype)
    assert isinstance(step, WinogradConvolution)
    sources = [some_features(height, width, channels, dtype) for channels in parts]
    found = run(step, sources, scratch, strip=strip, dtype=dtype)
    assert_close(found, expected(module, activation[1], sources), WINOGRAD * ALLOWED[dtype])


@settings(max_examples=50)
@given(
    height=heights,
    width=widths,
    parts=st.sampled_from([(1,), (7,), (3, 5)]),
    filters=st.sampled_from([1, 6]),
    kernel=st.sampled_from([(1, 1), (3, 3), (5, 5), (7, 1), (1, 3)]),
    bias=st.booleans(),
    activation=activations,
    strip=strip_heights,
    dtype=dtypes,
)
def test_convolution(scratch, *, height, width, parts, filters, kernel, bias, activation, strip, dtype):
    torch.manual_seed(height)
    margins = (kernel[0] // 2, kernel[1] // 2)
    module = rounded(nn.Conv2d(sum(parts), filters, kernel, padding=margins, bias=bias), dtype)
    step = one_step(module, tuple(range(len(parts))), activation[0], dtype)
    assert isinstance(step, Convolution)
    sources = [some_features(height, width, channels, dtype) for channels in parts]
    found = run(step, sources, scratch, strip=strip, dtype=dtype)
    assert_close(found, expected(module, activation[1], sources), ALLOWED[dtype])


@settings(max_examples=50)
@given(
    height=heights,
    width=widths,
    kernel=st.sampled_from([2, 3]),
    filters=st.sampled_from([1, 4]),
    bias=st.booleans(),
    activation=activations,
    strip=strip_heights,
    dtype=dtypes,
)
def test_up_convolution(scratch, *, height, width, kernel, filters, bias, activation, strip, dtype):
    torch.manual_seed(height)
    margin = kernel - 2
    module = rounded(
        nn.ConvTranspose2d(6, filters, kernel, stride=2, padding=margin, output_padding=margin, bias=bias), dtype
    )
    step = one_step(module, (0,), activation[0], dtype)
    assert isinstance(step, {2: UpConvolution, 3: Deconvolution}[kernel])
    sources = [some_features(height, width, 6, dtype)]
    found = run(step, sources, scratch, strip=strip, dtype=dtype)
    assert_close(found, expected(module, activation[1], sources), ALLOWED[dtype])


@settings(max_examples=50)
@given(height=st.integers(2, 19), width=st.integers(2, 11), strip=strip_heights, dtype=dtypes)
def test_pooling(scratch, *, height, width, strip, dtype):
    sources = [some_features(height, width, 3, dtype)]
    step = one_step(nn.MaxPool2d(2), (0,), IDENTITY, dtype)
    assert isinstance(step, Pooling)
    found = run(step, sources, scratch, strip=strip, dtype=dtype)
    torch.testing.assert_close(found, expected(nn.MaxPool2d(2), nn.Identity(), sources), rtol=0, atol=0)


@settings(max_examples=50)
@given(height=heights, width=widths, bias=st.booleans(), strip=strip_heights, dtype=dtypes)
def test_the_noise_at_the_end_is_not_rounded_to_bf16(scratch, *, height, width, bias, strip, dtype):
    torch.manual_seed(height)
    module = nn.Conv2d(9, 1, 1, bias=bias)
    step = one_step(module, (0,), IDENTITY, dtype, last=True)
    assert isinstance(step, Projection)
    sources = [some_features(height, width, 9, dtype)]
    assert_close(run(step, sources, scratch, strip=strip), expected(module, nn.Identity(), sources), 1e-5)


@pytest.mark.parametrize("parts", [(9,), (4, 5)])
@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("dtype", ALLOWED)
def test_other_last_convolutions_are_put_in_float32(scratch, parts, kernel, dtype):
    torch.manual_seed(0)
    module = rounded(nn.Conv2d(9, 1, kernel, padding=kernel // 2), dtype)
    step = one_step(module, tuple(range(len(parts))), ELU, dtype, last=True)
    sources = [some_features(6, 5, channels, dtype) for channels in parts]
    assert_close(run(step, sources, scratch), expected(module, nn.ELU(), sources), ALLOWED[dtype])


@pytest.mark.parametrize("kernel", [1, 3])
def test_the_window_is_taken_in_two_halves_and_so_not_rounded(scratch, kernel):
    # The small difference of two large numbers, of which bf16 knows nothing.
    module = nn.Conv2d(2, 4, kernel, padding=kernel // 2, bias=False)
    nn.init.zeros_(module.weight)
    module.weight.data[:, :, kernel // 2, kernel // 2] = torch.tensor([1.0, -1.0])
    window = 10 + torch.rand(6, 5, 1) * torch.tensor([0.01, 0.0])
    rest = (window - window.bfloat16()).bfloat16()
    halves = Features.of(torch.cat([window.bfloat16(), rest], dim=2))
    step = one_step(module, (GIVEN,), IDENTITY, torch.bfloat16)
    found = run(step, [halves], scratch, dtype=torch.bfloat16)
    truth = (window[..., :1] - window[..., 1:]).double().expand(6, 5, 4)
    # 16 bits of 10, and at the end 8 bits of the difference.
    torch.testing.assert_close(found, truth, rtol=2.0**-8, atol=10 * 2.0**-16)


def test_narrow_convolutions_are_left_to_one_dnn():
    assert isinstance(one_step(nn.Conv2d(31, 4, 3, padding=1), (0,), ELU, torch.float32), Convolution)
    assert isinstance(one_step(nn.Conv2d(32, 4, 3, padding=1), (0,), ELU, torch.float32), WinogradConvolution)
    assert isinstance(one_step(nn.Conv2d(32, 4, 3, padding=1), (GIVEN,), ELU, torch.float32), Convolution)


@pytest.mark.parametrize("module", [nn.Conv2d(4, 2, 1), nn.ConvTranspose2d(4, 1, 2, stride=2), nn.MaxPool2d(2)])
def test_the_last_layer_must_make_one_image(module):
    with pytest.raises(UnknownLayerError, match="the last layer makes something else than noise"):
        one_step(module, (0,), IDENTITY, torch.float32, last=True)


def test_weights_may_want_gradients(scratch):
    module = nn.Conv2d(32, 4, 3, padding=1)
    sources = [some_features(5, 5, 32, torch.float32)]
    with torch.inference_mode():
        found = run(one_step(module, (0,), ELU, torch.float32), sources, scratch)
    assert module.weight.requires_grad
    assert found.isfinite().all()
