"""A worker process by `subprocess`, for programs without Qt: the command line, tests, notebooks."""

from __future__ import annotations

import io
import os
import queue
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import IO, cast

_LAST_LINES = 20


class SubprocessTransport:
    """A `Transport` whose owner calls `poll`, in which `on_line` and `on_end` are called.

    Args:
        arguments: The program and its arguments.
        environment: Variables to set beside those of this process.

    Example:
        ```
        client = WorkerClient(lambda: SubprocessTransport(*worker_command(sys.executable)))
        ```
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.on_line: Callable[[bytes], None] = lambda _: None
        self.on_end: Callable[[int | None, str], None] = lambda *_: None
        self._arguments = tuple(arguments)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    @property
    def running(self) -> bool:
        """Whether the process is there; `False` before `start`."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int | None:
        """Of the process that was started; `None` if there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process. A program that cannot be started is reported by `on_end`."""
        try:
            self._process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=os.environ | self._environment,
                bufsize=0,
                # On Windows: no black window beside the program.
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._tell_end(None, str(error))
            return
        Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def send(self, line: bytes) -> None:
        """Write a line, line break included, to its standard input; without effect when it has ended."""
        if self._process is None or self._process.stdin is None or self._process.stdin.closed:
            return
        rest = memoryview(line)
        with suppress(OSError):
            while rest:
                rest = rest[self._process.stdin.write(rest) :]

    def kill(self) -> None:
        """End the process at once and forcibly; `on_end` follows."""
        if self._process is not None and self._process.stdin is not None:
            self._process.kill()
            self._process.stdin.close()

    def close(self) -> None:
        """Close its standard input, which ends a worker, and wait for that."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()

    def poll(self, timeout: float = 0.0) -> bool:
        """Deliver what has come, in this thread; whether anything had.

        Args:
            timeout: How long to wait for something to come, in seconds.
        """
        try:
            deliver = self._events.get(timeout=timeout) if timeout > 0 else self._events.get_nowait()
        except queue.Empty:
            return False
        while True:
            deliver()
            try:
                deliver = self._events.get_nowait()
            except queue.Empty:
                return True

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """In a thread: read standard output to its end, then wait for that of the process."""
        last_words: deque[str] = deque(maxlen=_LAST_LINES)
        errors = Thread(target=_keep_last_lines, args=(process.stderr, last_words), daemon=True)
        errors.start()
        with _buffered(process.stdout) as lines:
            for line in lines:
                self._events.put(partial(self._tell_line, line.rstrip(b"\r\n")))
        exit_code = process.wait()
        errors.join()
        self._tell_end(exit_code, "\n".join(last_words))

    def _tell_line(self, line: bytes) -> None:
        self.on_line(line)

    def _tell_end(self, exit_code: int | None, last_words: str) -> None:
        self._events.put(lambda: self.on_end(exit_code, last_words))


def _buffered(pipe: IO[bytes] | None) -> io.BufferedReader:
    return io.BufferedReader(cast("io.FileIO", pipe))


def _keep_last_lines(pipe: IO[bytes] | None, lines: deque[str]) -> None:
    with _buffered(pipe) as reader:
        lines.extend(line.decode(errors="replace").rstrip() for line in reader)
