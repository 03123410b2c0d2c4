"""Who decodes the files of a series: threads of this process, or others where the decoders would take turns for long.

The decoders of compressed pixels hold Python's lock, so that in one process only one of them works at a time, and all
else that needs the lock waits meanwhile.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection, Generator, Iterator
from contextlib import suppress
from pathlib import Path

from pydicom.uid import UncompressedTransferSyntaxes

from .decoding_process import DecodingProcess, ProcessGoneError, can_start
from .pixels import Frame, StoredSection, stored_sections
from .series import Series

# It takes half a second of work to start a process; with less than this left they would hardly save time.
_LEAST_SECONDS_FOR_PROCESSES = 4.0
# Where this process is busy, one that decodes so many pixels saves it at least what the start takes another processor.
_PIXELS_OF_A_PROCESS = 2**24
# Without processes, threads hardly do more than read ahead; with them, each waits for its own.
_MOST_THREADS, _MOST_PROCESSES = 8, 16


class Decoders:
    """Decodes files for several threads at once, with the values and errors of `pixels.stored_sections`.

    It begins in this process. When the first files have shown that the rest will take long, each thread gets a process
    of its own, if there is more than one processor and this program can start processes.

    Args:
        series: Whose files.
        elsewhere: Whether each thread gets a process from the first file on, unless the files are few.

    Attributes:
        threads: How many there should be.
    """

    def __init__(self, series: Series, *, elsewhere: bool) -> None:
        processors = os.cpu_count() or 1
        pixels = len(series.slices) * series.rows * series.columns
        self._take_turns = series.transfer_syntax_uid not in UncompressedTransferSyntaxes
        self._may_start = self._take_turns and processors > 1 and can_start()
        self._start_processes = self._may_start and elsewhere and pixels >= _PIXELS_OF_A_PROCESS
        self.threads = min(_MOST_PROCESSES if self._may_start else _MOST_THREADS, processors)
        if self._start_processes:
            self.threads = min(self.threads, processors - 1, pixels // _PIXELS_OF_A_PROCESS)
        self._left = len(series.slices)
        self._done = 0
        self._seconds = 0.0
        self._turn = threading.Lock()
        self._of_thread = threading.local()
        self._processes: list[DecodingProcess] = []
        self._closed = False

    def sections(self, path: Path, frames: Collection[Frame]) -> Generator[StoredSection, None, None]:
        """See `pixels.stored_sections`."""
        missing = list(frames)
        if self._take_turns and not self._start_processes:
            with self._turn:
                # One that waited for its turn while it was found that processes pay goes on below.
                if not self._start_processes:
                    yield from self._timed(path, frames)
                    return
        if self._start_processes:
            # A process that is gone for whatever reason is done without: what is wrong with a file, this one finds too.
            with suppress(ProcessGoneError):
                for section in self._process().sections(path, frames):
                    missing.remove(section.frame)
                    yield section
                return
        yield from stored_sections(path, missing)

    def close(self) -> None:
        """End the processes."""
        with self._turn:
            self._closed = True
        for process in self._processes:
            process.close()

    def _timed(self, path: Path, frames: Collection[Frame]) -> Iterator[StoredSection]:
        start = time.thread_time()
        yield from stored_sections(path, frames)
        self._seconds += time.thread_time() - start
        self._done += len(frames)
        self._left -= len(frames)
        self._start_processes = (
            self._may_start and self._seconds / self._done * self._left > _LEAST_SECONDS_FOR_PROCESSES
        )

    def _process(self) -> DecodingProcess:
        """The one of the calling thread."""
        process: DecodingProcess | None = getattr(self._of_thread, "process", None)
        if process is None:
            with self._turn:
                if self._closed:
                    raise ProcessGoneError
                process = DecodingProcess()
                self._processes.append(process)
            self._of_thread.process = process
        return process
