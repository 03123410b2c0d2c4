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
        section: For a section of whatever size.
        probe: For the network and the section that machines are compared by, see `calibration`.
    """

    flop: float
    value: float
    pixel: float
    section: float
    probe: float


PROCESSOR: Mapping[Precision, Coefficients] = {
    "bf16": Coefficients(flop=7.25e-13, value=2.49e-10, pixel=2.08e-10, section=0.00193, probe=0.0247),
    "fp32": Coefficients(flop=1.44e-12, value=4.27e-10, pixel=0.0, section=0.00163, probe=0.042),
}


def coefficients(precision: Precision) -> Coefficients:
    """Those of a precision, for devices of all kinds: fp16, which no processor computes in, counts as bf16."""
    return PROCESSOR["fp32" if precision == "fp32" else "bf16"]
