from __future__ import annotations

import pytest

pytest.importorskip("skimage")


def test_all_figures_agree_with_truth_and_oracle_within_their_tolerance():
    from support.truth.similarity import rows

    for row in rows():
        for value in (row.truth, row.oracle):
            if value is not None:
                assert row.ours == pytest.approx(value, rel=row.tolerance), row
