"""A verdict as a word on a coloured ground, for labels that take HTML."""

from __future__ import annotations

from html import escape

# Dark enough for white letters in light and dark themes alike; the word says the same for those who see no colours.
_COLOURS = {"green": "#2e7d32", "amber": "#a15c00", "red": "#b3261e"}


def verdict_badge(level: str, word: str) -> str:
    """HTML of the word.

    Args:
        level: "green", "amber" or "red".
        word: What it means.
    """
    style = f"background-color:{_COLOURS[level]};color:white;font-weight:bold"
    return f'<span style="{style}">&nbsp;{escape(word)}&nbsp;</span>'


def reason_lines(reasons: list[str]) -> str:
    """HTML of the reasons, one a line below the badge, with bullets if there are several."""
    bullet = "• " if len(reasons) > 1 else ""
    return "".join(f"<br>{bullet}{escape(reason)}" for reason in reasons)
