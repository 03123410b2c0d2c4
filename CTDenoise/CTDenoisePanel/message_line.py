"""A line of the panel for what happened: said once, in words, and gone when it is no longer true."""

from __future__ import annotations

from html import escape
from typing import Any

import qt

_STYLE = "QLabel {{ color: {text}; background-color: {ground}; border-radius: 3px; padding: 4px 6px; }}"
# Text and ground, so that both are legible in light and dark themes.
_COLOURS = {"done": ("#1b5e20", "#dff2e1"), "note": ("#663c00", "#ffefd1"), "error": ("#8c1d18", "#fbe1df")}


class MessageLine:
    """A label that is hidden while it has nothing to say."""

    def __init__(self, label: Any) -> None:
        self._label = label
        label.setTextFormat(qt.Qt.RichText)  # else a sentence without a line break would show its escapes
        self._sentences: list[str] = []
        self.clear()

    def clear(self) -> None:
        """Say nothing."""
        self._sentences = []
        self._label.setVisible(False)

    def done(self, sentence: str) -> None:
        """Say that something is finished, besides notes said before."""
        self._add(sentence, "done")

    def note(self, sentence: str) -> None:
        """Add something worth knowing."""
        self._add(sentence, "note")

    def error(self, sentence: str) -> None:
        """Say what went wrong and what to do."""
        self._add(sentence, "error")

    def _add(self, sentence: str, kind: str) -> None:
        if sentence not in self._sentences:
            self._sentences.append(sentence)
        text, ground = _COLOURS[kind]
        self._label.setStyleSheet(_STYLE.format(text=text, ground=ground))
        self._label.text = "<br>".join(escape(sentence, quote=False) for sentence in self._sentences)
        self._label.setVisible(True)
