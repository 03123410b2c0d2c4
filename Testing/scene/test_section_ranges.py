from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseScene.section_ranges import from_text, to_text


@pytest.mark.parametrize(
    ("sections", "text"), [((), ""), ((7,), "7"), ((2, 0, 1, 5), "0-2,5"), ((3, 3, 4), "3-4"), ((0, 2, 4), "0,2,4")]
)
def test_ranges_include_both_ends(sections: tuple[int, ...], text: str) -> None:
    assert to_text(sections) == text


@given(st.sets(st.integers(0, 3000)))
def test_what_is_written_reads_back(sections: set[int]) -> None:
    assert from_text(to_text(sections)) == sections


@pytest.mark.parametrize("text", ["all", "1-", "-3", "1-2-3", "0-5,x", "1.5"])
def test_other_text_names_no_section(text: str) -> None:
    assert from_text(text) == frozenset()
