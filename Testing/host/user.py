"""The user in front of Slicer's windows: what is shown to him, and what he answers."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Message:
    """A message box that was shown.

    Attributes:
        icon: "Information", "Warning", "Critical", "Question" or "NoIcon".
        title: Title of the window.
        text: The message.
        details: What the button for details unfolds, with informative text before it.
        buttons: Texts of the buttons.
        answer: Text of the button that was pressed.
    """

    icon: str
    title: str
    text: str
    details: str
    buttons: tuple[str, ...]
    answer: str


@dataclass
class User:
    """Answers in the order in which a test queued them, and remembers what he saw.

    Attributes:
        messages: Message boxes that were shown.
        answers: Buttons to press in the next message boxes.
        paths: Paths to pick in the next file dialogs, "" for Cancel.
        complaints: Questions that no test expected.
    """

    messages: list[Message] = field(default_factory=list)
    answers: deque[str] = field(default_factory=deque)
    paths: deque[str] = field(default_factory=deque)
    complaints: list[str] = field(default_factory=list)

    def press(self, buttons: tuple[str, ...], escape: str, text: str) -> str:
        """The button he presses: the only one, the queued one, or the one that Escape stands for."""
        if len(buttons) == 1:
            return buttons[0]
        if not self.answers:
            self.complaints.append(f"A question was not expected: {text}")
            return escape
        answer = self.answers.popleft()
        if answer not in buttons:
            self.complaints.append(f"The answer {answer} is not among {', '.join(buttons)}: {text}")
            return escape
        return answer

    def pick(self, caption: str) -> str:
        """The path he picks in a file dialog, "" when he cancels it."""
        if self.paths:
            return str(self.paths.popleft())
        self.complaints.append(f"A file dialog was not expected: {caption}")
        return ""

    def answer(self, *buttons: str) -> None:
        """Queues buttons to press, by their text without "&"."""
        self.answers.extend(buttons)

    def choose_path(self, *paths: Path | str) -> None:
        """Queues paths to pick."""
        self.paths.extend(str(path) for path in paths)

    def leftovers(self) -> list[str]:
        """What was asked without an answer, and answered without a question."""
        unused = [f"No message box asked for the answer {answer}" for answer in self.answers]
        return self.complaints + unused + [f"No file dialog asked for {path}" for path in self.paths]
