"""The worker as a `QProcess`, whose news arrive through Qt's event loop: no thread and no polling in Slicer."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import qt

from CTDenoiseLib.worker.transport import WORKER_MODULE, worker_command

_LAST_LINES = 20
# A QProcess that is destroyed ends its process, and the whole program waits for that. One whose owner has no more
# interest in it lives on here until its process has ended.
_not_ended: set[QProcessTransport] = set()


class QProcessTransport:
    """A `CTDenoiseLib.worker.transport.Transport`: a process that reads and writes lines.

    In Slicer the process is PythonSlicer, a launcher that waits for the real Python. `kill` ends the launcher; the real
    one is ended by `WorkerClient`, which knows its number, and ends by itself when its standard input does.

    Args:
        arguments: The program and its arguments.
        environment: Variables to set beside those of this process.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.on_line: Callable[[bytes], None] = lambda _: None
        self.on_end: Callable[[int | None, str], None] = lambda *_: None
        self._arguments = list(arguments)
        self._process = qt.QProcess()
        self._process.setEnvironment([f"{name}={value}" for name, value in (os.environ | environment).items()])
        self._process.readyReadStandardOutput.connect(self._read_output)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.finished.connect(self._finish)
        self._process.started.connect(self._note_start)
        self._process.errorOccurred.connect(self._look_whether_it_started)
        self._has_started = False
        self._begun_line = b""
        self._lines: deque[bytes] = deque()
        self._last_words = b""

    @property
    def running(self) -> bool:
        """Whether the process was started and its end was not told yet."""
        return self in _not_ended

    def start(self) -> None:
        """Start the process, once. A program that cannot be started is reported by `on_end`."""
        _not_ended.add(self)
        self._process.start(self._arguments[0], self._arguments[1:])

    def send(self, line: bytes) -> None:
        """Write a line, line break included, to its standard input; without effect when it has ended."""
        if self.running:
            self._process.write(line)

    def kill(self) -> None:
        """End the process at once and forcibly; `on_end` follows."""
        self._process.kill()

    def _read_output(self) -> None:
        *lines, self._begun_line = (self._begun_line + _content(self._process.readAllStandardOutput())).split(b"\n")
        self._lines.extend(lines)
        # Who is told may run the event loop, which leads here again: each line is taken out before it is told.
        while self._lines:
            self.on_line(self._lines.popleft().rstrip(b"\r"))

    def _read_errors(self) -> None:
        words = self._last_words + _content(self._process.readAllStandardError())
        self._last_words = b"\n".join(words.split(b"\n")[-_LAST_LINES - 1 :])

    def _finish(self, *_: object) -> None:
        self._read_output()
        self._read_errors()
        exited = self._process.exitStatus() == qt.QProcess.NormalExit
        self._tell_end(int(self._process.exitCode()) if exited else None, self._last_words.decode(errors="replace"))

    def _note_start(self) -> None:
        self._has_started = True

    def _look_whether_it_started(self, *_: object) -> None:
        # `QProcess.error` would say, but Qt 5 also has a signal of that name.
        if not self._has_started:
            # On Windows this comes from within `start`, whose caller expects no answer yet.
            qt.QTimer.singleShot(0, lambda: self._tell_end(None, str(self._process.errorString())))

    def _tell_end(self, exit_code: int | None, last_words: str) -> None:
        if self.running:
            _not_ended.remove(self)
            self.on_end(exit_code, last_words.strip())


def running_transports() -> tuple[QProcessTransport, ...]:
    """Those whose process was started and has not ended, in no order."""
    return tuple(_not_ended)


def worker_transport(module: str = WORKER_MODULE) -> QProcessTransport:
    """A transport, not yet started, to a worker in Slicer's own Python.

    Args:
        module: The worker to run.
    """
    return QProcessTransport(*worker_command(sys.executable, module))


def _content(array: Any) -> bytes:
    """The bytes of a `QByteArray`."""
    return bytes(array.data())
