"""Numbers in the sentences of the audit."""

from __future__ import annotations


def number(value: float, form: str) -> str:
    """A number with a true minus sign, and none before what is rounded to zero.

    Args:
        value: The number.
        form: As of `format`, such as "+.1f".
    """
    text = format(value, form)
    is_zero = "0" in text and not any(digit in text for digit in "123456789")
    return format(0.0, form) if is_zero else text.replace("-", "−")
