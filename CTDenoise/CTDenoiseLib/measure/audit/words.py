"""Numbers in the sentences of the audit."""

from __future__ import annotations


def number(value: float, form: str) -> str:
    """A number with a true minus sign.

    Args:
        value: The number.
        form: As of `format`, such as "+.1f".
    """
    return format(value, form).replace("-", "−")
