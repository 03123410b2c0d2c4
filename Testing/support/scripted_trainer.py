"""A worker in this process that says what a test wants it to say, in the real messages, and remembers what it was told.

For the states that a training passes through: a real worker passes them at moments that no test can choose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from CTDenoiseLib.worker.messages import PROTOCOL_VERSION, JobNews, JobRequest, Message, Ready, decode, encode

Kind = TypeVar("Kind", bound=Message)


class ScriptedTrainer:
    """A `Transport` to nobody.

    Attributes:
        told: What the client has sent, the oldest first.
        running: As for any transport.
    """

    def __init__(self) -> None:
        self.on_line: Callable[[bytes], None] = lambda line: None
        self.on_end: Callable[[int | None, str], None] = lambda code, words: None
        self.told: list[Message] = []
        self.running = False

    def start(self) -> None:
        self.running = True

    def send(self, line: bytes) -> None:
        self.told.append(decode(line))

    def kill(self) -> None:
        self.running = False

    def last(self, kind: type[Kind]) -> Kind:
        """The last message of a kind that the client sent."""
        return next(message for message in reversed(self.told) if isinstance(message, kind))

    def get_ready(self) -> None:
        """Be ready for requests."""
        self.say(Ready(PROTOCOL_VERSION, 0))

    def say(self, message: Message) -> None:
        """Send a message; one about a job is about the last that was asked for."""
        if isinstance(message, JobNews):
            changes: dict[str, Any] = {"job": self.last(JobRequest).job}
            message = replace(message, **changes)
        self.on_line(encode(message).rstrip(b"\n"))

    def crash(self) -> None:
        """End without a word."""
        self.running = False
        self.on_end(-9, "")
