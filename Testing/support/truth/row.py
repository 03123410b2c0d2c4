"""One line of the table “ours / truth / oracle”: a measure held against analytic truth and an independent package."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TruthRow:
    """What a measure says of a case that is known.

    Attributes:
        measure: Such as "NPS, mean frequency".
        case: What was measured, in a few words.
        unit: Of the three values; empty for a ratio.
        ours: What this project measures.
        truth: What the formula of the phantom says; `None` for real data.
        oracle: What an independent package measures; `None` where none has the measure.
        oracle_name: Of the package, with the version.
        tolerance: Largest deviation from truth and oracle that passes, as a share of the value (or in `unit` if the
            value is zero).
        note: Why an oracle differs, if it does by more.
    """

    measure: str
    case: str
    unit: str
    ours: float
    truth: float | None
    oracle: float | None = None
    oracle_name: str = ""
    tolerance: float = 0.02
    note: str = ""
