"""Results of measurements: a value with its uncertainty, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Measured:
    """A measured value.

    Attributes:
        value: In `unit`.
        unit: Such as "mm", "HU" or "HU/mm"; empty for a ratio.
        uncertainty: Standard uncertainty (k = 1, JCGM 100) in `unit`; `None` where it is not known.
    """

    value: float
    unit: str = ""
    uncertainty: float | None = None


@dataclass(frozen=True)
class NotMeasurable:
    """Why something could not be measured.

    Attributes:
        reason: A sentence for the user.
    """

    reason: str


Measurement: TypeAlias = Measured | NotMeasurable
