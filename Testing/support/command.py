"""Runs `ctdenoise` inside the test process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from CTDenoiseLib.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def content(self) -> dict[str, Any]:
        """The one JSON object on the standard output, with nothing on the standard error."""
        assert self.err == "", self
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """What the user reads after an error: exit code 2, one message on the standard error, nothing else."""
        assert (self.code, self.out) == (2, ""), self
        message, end = self.err[:-1], self.err[-1:]
        assert end == "\n"
        assert "Traceback" not in message
        assert message.endswith((".", "?")) or "\n  " in message, "a sentence, or a sentence and a list"
        return message


def run_command(capsys: pytest.CaptureFixture[str], *words: object) -> Answer:
    """Run a command line given as separate words; words need not be text."""
    capsys.readouterr()
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return Answer(code, out, err)
