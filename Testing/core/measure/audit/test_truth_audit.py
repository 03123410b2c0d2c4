from __future__ import annotations

import pytest

from support.truth.audit import rows


def test_all_figures_agree_with_truth_and_oracle_within_their_tolerance():
    for row in rows():
        for value in (row.truth, row.oracle):
            if value is not None:
                tolerance = {"rel": row.tolerance} if value else {"abs": row.tolerance}
                assert row.ours == pytest.approx(value, **tolerance), row
