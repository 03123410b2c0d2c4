"""What work costs on the machine that the cost model was fitted on, two cores of an AMD EPYC with AVX-512 BF16.

All figures are printed by `python Testing/benchmarks/cost.py`; docs/speed.md tells how exact they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .devices import Precision


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """Seconds for each piece of work.

    Attributes:
        flop: For a floating-point operation of a convolution.
        value: For a number that a convolution reads or writes.
        pixel: For a pixel of a section beside the network, from reading to subtracting.
        layer: For a convolution of whatever size, in which threads come together and wait for each other.
        probe: For the network and the section that machines are compared by, see `calibration`.
    """

    flop: float
    value: float
    pixel: float
    layer: float
    probe: float


PROCESSOR: Mapping[Precision, Coefficients] = {
    "bf16": Coefficients(flop=8.58e-13, value=0.0, pixel=7.06e-08, layer=6.84e-04, probe=0.0308),
    "fp32": Coefficients(flop=1.65e-12, value=7.52e-11, pixel=8.85e-08, layer=5.22e-04, probe=0.0451),
}


def coefficients(precision: Precision) -> Coefficients:
    """Those of a precision, for devices of all kinds: fp16, which no processor computes in, counts as bf16."""
    return PROCESSOR["fp32" if precision == "fp32" else "bf16"]
