"""What lies between the convolutions, compiled on the machine it runs on: each one pass over memory.

Feature maps are arrays of shape (y, x, channels), float32 or, for bf16, uint16 with the upper half of a float32.
Arithmetic is in float32 throughout. Rows are taken one by one so that a strip stays in the cache of the core that works
on it; all kernels release the interpreter lock.

The kernels know that the arrays they read and those they write do not overlap, nor those they write among each other,
and callers must keep to it. Without this knowledge the compiler computes one number at a time instead of sixteen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic as numba_intrinsic

from .kernel_cache import keep_kernels

_INT16, _INT32, _FLOAT = ir.IntType(16), ir.IntType(32), ir.FloatType()
# Lanes 0 to 5 are written, this one is read.
_READ = 6

# NaN and infinity must come through, for they tell that a network went wrong; order and sign of zero are free.
_compiled = njit(nogil=True, cache=keep_kernels(), error_model="numpy", fastmath={"contract", "nsz", "reassoc"})
_inlined = njit(inline="always")


def _intrinsic(typing: Callable[..., Any]) -> Callable[..., Any]:
    """What kernels call by its last arguments, while numba hands its own contexts to it first."""
    known: Callable[..., Any] = numba_intrinsic(typing)
    return known


def _mark_lane(builder: Any, instruction: Any, lane: int) -> None:
    """Promise the compiler that memory reached through one lane is reached through no other."""
    module = builder.module
    domain = module.add_metadata([ir.MetaDataString(module, "ctdenoise")])
    lanes = [module.add_metadata([ir.MetaDataString(module, f"lane {number}"), domain]) for number in range(_READ + 1)]
    instruction.set_metadata("alias.scope", module.add_metadata([lanes[lane]]))
    instruction.set_metadata("noalias", module.add_metadata([other for other in lanes if other is not lanes[lane]]))


def _pointer(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


@_intrinsic
def _read(_: Any, row: Any, index: Any) -> tuple[Any, Callable[..., Any]]:
    """Number at a place of the memory that a C-contiguous array begins with, as float32."""
    signature = types.float32(row, index)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = builder.load(_pointer(context, builder, signature.args[0], *arguments))
        _mark_lane(builder, value, _READ)
        if row.dtype == types.uint16:
            value = builder.bitcast(builder.shl(builder.zext(value, _INT32), _INT32(16)), _FLOAT)
        return value

    return signature, generate


def _writer(lane: int) -> Callable[..., Any]:
    @_intrinsic
    def write(_: Any, row: Any, index: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
        signature = types.void(row, index, types.float32)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array, index, value = arguments
            if row.dtype == types.uint16:
                value = _rounded_to_bf16(builder, value)
            stored = builder.store(value, _pointer(context, builder, signature.args[0], array, index))
            _mark_lane(builder, stored, lane)
            return context.get_dummy_value()

        return signature, generate

    return write


def _rounded_to_bf16(builder: Any, value: Any) -> Any:
    """The upper half of a float32, rounded to nearest, ties to even."""
    bits = builder.bitcast(value, _INT32)
    odd = builder.and_(builder.lshr(bits, _INT32(16)), _INT32(1))
    return builder.trunc(builder.lshr(builder.add(bits, builder.add(odd, _INT32(0x7FFF))), _INT32(16)), _INT16)


@_intrinsic
def _nearest_bf16(_: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        upper = builder.zext(_rounded_to_bf16(builder, given[0]), _INT32)
        return builder.bitcast(builder.shl(upper, _INT32(16)), _FLOAT)

    return types.float32(types.float32), generate


@_intrinsic
def _float_of_bits(_: Any, bits: Any) -> tuple[Any, Callable[..., Any]]:
    return types.float32(types.int32), lambda context, builder, signature, given: builder.bitcast(given[0], _FLOAT)


_write0, _write1, _write2, _write3, _write4, _write5 = map(_writer, range(_READ))


@_inlined
def _expm1(x: Any) -> Any:
    """exp(x) − 1 for x ≤ 0, within 3e-6: 2^k by the exponent's bits, the rest by Taylor's series on ±ln 2 / 2."""
    one = np.float32(1)
    x = max(x, np.float32(-20))
    k = np.floor(x * np.float32(1.4426950408889634) + np.float32(0.5))
    rest = x - k * np.float32(0.6931471805599453)
    series = rest * np.float32(1 / 120) + np.float32(1 / 24)
    series = series * rest + np.float32(1 / 6)
    series = series * rest + np.float32(0.5)
    series = (series * rest + one) * rest
    scale = _float_of_bits((np.int32(k) + np.int32(127)) << np.int32(23))
    return series * scale + (scale - one)


@_inlined
def _activated(x: Any, exponential: Any, slope: Any) -> Any:
    """The number where positive, else exponential · (exp(x) − 1) + slope · x; NaN stays NaN."""
    low = min(x, np.float32(0))
    negative = exponential * _expm1(low) + slope * low
    return negative if x <= np.float32(0) else x


@_compiled
def transform_input(source: Any, first: Any, given: Any, channel: Any, zeros: Any) -> None:
    """Six rows, overlapping by two, become the six factors of four output rows: B^T of Winograd's F(4, 3).

    Args:
        source: Shape (y, x, channels).
        first: First output row; the six rows begin one above. Rows outside the source count as zeros.
        given: Factors to write, shape (6, tiles, x, all channels).
        channel: Place of the source's channels among all.
        zeros: A row of zeros, shape (x, channels).
    """
    f = np.float32
    height, width, channels = source.shape
    stride = given.shape[3]
    for tile in range(given.shape[1]):
        top = first + 4 * tile - 1
        r0 = source[top] if 0 <= top < height else zeros
        r1 = source[top + 1] if top + 1 < height else zeros
        r2 = source[top + 2] if top + 2 < height else zeros
        r3 = source[top + 3] if top + 3 < height else zeros
        r4 = source[top + 4] if top + 4 < height else zeros
        r5 = source[top + 5] if top + 5 < height else zeros
        g0, g1, g2 = given[0, tile], given[1, tile], given[2, tile]
        g3, g4, g5 = given[3, tile], given[4, tile], given[5, tile]
        for x in range(width):
            for c in range(channels):
                i, o = x * channels + c, x * stride + channel + c
                d0, d1, d2 = _read(r0, i), _read(r1, i), _read(r2, i)
                d3, d4, d5 = _read(r3, i), _read(r4, i), _read(r5, i)
                _write0(g0, o, d0 - f(1.5) * d1 - f(2) * d2 + f(1.5) * d3 + d4)
                _write1(g1, o, f(0.5) * d2 - d1 + f(2.5) * d3 + d4)
                _write2(g2, o, d1 - f(2.5) * d2 + f(0.5) * d3 + d4)
                _write3(g3, o, d4 - d2 + f(2) * (d3 - d1))
                _write4(g4, o, d4 - d2 - f(0.5) * (d3 - d1))
                _write5(g5, o, d1 - f(1.5) * d2 - f(2) * d3 + f(1.5) * d4 + d5)


@_compiled
def transform_output(products: Any, target: Any, first: Any, spare: Any, activation: Any) -> None:
    """Six products become four output rows, activated: A^T of Winograd's F(4, 3).

    Args:
        products: Six arrays of shape (tiles, x, channels).
        target: Shape (y, x, channels).
        first: First output row. Rows below the target's last go nowhere.
        spare: Room for those, shape (3, x, channels).
        activation: What becomes of negative numbers, see `_activated`.
    """
    f = np.float32
    p0, p1, p2, p3, p4, p5 = products
    exponential, slope = activation
    height = target.shape[0]
    numbers = target.shape[1] * target.shape[2]
    for tile in range(p0.shape[0]):
        top = first + 4 * tile
        t0 = target[top]
        t1 = target[top + 1] if top + 1 < height else spare[0]
        t2 = target[top + 2] if top + 2 < height else spare[1]
        t3 = target[top + 3] if top + 3 < height else spare[2]
        m0, m1, m2, m3, m4, m5 = p0[tile], p1[tile], p2[tile], p3[tile], p4[tile], p5[tile]
        for i in range(numbers):
            y1, y2, y3, y4 = _read(m1, i), _read(m2, i), _read(m3, i), _read(m4, i)
            total, difference = y1 + y2, y1 - y2
            _write3(t3, i, _activated(difference + f(0.125) * y3 - f(8) * y4 + _read(m5, i), exponential, slope))
            _write2(t2, i, _activated(total + f(0.25) * y3 + f(4) * y4, exponential, slope))
            _write1(t1, i, _activated(difference + f(0.5) * y3 - f(2) * y4, exponential, slope))
            _write0(t0, i, _activated(_read(m0, i) + total + y3 + y4, exponential, slope))


@_compiled
def activate(source: Any, target: Any, first: Any, step: Any, activation: Any) -> None:
    """Activate rows and put them at every `step`-th row of the target from `first` on, in the target's type."""
    exponential, slope = activation
    numbers = target.shape[1] * target.shape[2]
    for y in range(source.shape[0]):
        row, place = source[y], target[first + step * y]
        for i in range(numbers):
            _write0(place, i, _activated(_read(row, i), exponential, slope))


@_compiled
def pool(source: Any, target: Any, first: Any, last: Any) -> None:
    """Greatest of each 2 × 2 pixels, for the rows of the target from `first` to before `last`; NaN may get lost."""
    width, channels = target.shape[1], target.shape[2]
    for y in range(first, last):
        upper, lower, place = source[2 * y], source[2 * y + 1], target[y]
        for x in range(width):
            for c in range(channels):
                left, right = 2 * x * channels + c, (2 * x + 1) * channels + c
                above = max(_read(upper, left), _read(upper, right))
                below = max(_read(lower, left), _read(lower, right))
                _write0(place, x * channels + c, max(above, below))


@_compiled
def project(source: Any, weights: Any, target: Any, first: Any, last: Any) -> None:
    """One weighted sum of the channels of each pixel, in float32.

    Args:
        source: Shape (y, x, channels).
        weights: Of the channels, and at the end what is added to their sum.
        target: Shape (y, x, 1).
        first: First row.
        last: Row after the last one.
    """
    width, channels = source.shape[1], source.shape[2]
    for y in range(first, last):
        row = source[y]
        for x in range(width):
            total = weights[channels]
            for c in range(channels):
                total += weights[c] * _read(row, x * channels + c)
            target[y, x, 0] = total


@_compiled
def split(source: Any, target: Any, first: Any, last: Any) -> None:
    """Float32 as two bf16, the rounded number and the rest, in twice as many channels (see `SplitConvolution`)."""
    width, channels = source.shape[1], source.shape[2]
    for y in range(first, last):
        row, place = source[y], target[y]
        for x in range(width):
            for c in range(channels):
                i, o = x * channels + c, 2 * x * channels + c
                value = _read(row, i)
                rounded = _nearest_bf16(value)
                _write0(place, o, rounded)
                _write1(place, o + channels, value - rounded)
