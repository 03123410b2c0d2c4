"""Numbers in words, as a report prints them."""

from __future__ import annotations


def signed(value: float, digits: int, plus: str = "+") -> str:
    """A number with a true minus sign; zero has none."""
    rounded = round(value, digits)
    sign = "−" if rounded < 0 else plus if rounded > 0 else ""
    return f"{sign}{abs(rounded):.{digits}f}"


def thousands(number: int) -> str:
    """A whole number with a thin gap between thousands."""
    return f"{number:,}".replace(",", " ")
