"""Every measure against analytic truth and independent packages: the table of docs/measures.md."""

from __future__ import annotations

import pytest

from support.truth.parts import PARTS, rows_of


@pytest.mark.parametrize("part", PARTS)
def test_all_figures_agree_with_truth_and_oracle_within_their_tolerance(part):
    for row in rows_of(part):
        for value in (row.truth, row.oracle):
            if value is not None:
                tolerance = {"rel": row.tolerance} if value else {"abs": row.tolerance}
                assert row.ours == pytest.approx(value, **tolerance), row
