from __future__ import annotations

import pytest

from CTDenoiseLib.measure.audit.words import number


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (-1.25, ".1f", "−1.2"),
        (1.25, "+.2f", "+1.25"),
        (-0.04, ".1f", "0.0"),
        (-0.004, "+.2f", "+0.00"),
        (float("nan"), ".1f", "nan"),
    ],
)
def test_a_minus_is_a_minus_and_zero_has_none(value, form, expected):
    assert number(value, form) == expected
