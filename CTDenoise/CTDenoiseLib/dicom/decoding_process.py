"""Another process that decodes DICOM files: what it runs, and how it is asked.

A request is a line of JSON that names a file and its frames. It is answered by the sections, each a line of JSON and
then its stored values as bytes, and by a last line that says how it ended.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from .errors import MixedSectionsError, SeriesError, UndecodableImageError, UnsupportedPixelsError
from .pixels import Frame, StoredSection, stored_sections
from .quiet import quiet_pydicom

_ERRORS: dict[str, type[SeriesError]] = {
    kind.__name__: kind for kind in (UndecodableImageError, UnsupportedPixelsError, MixedSectionsError)
}
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


class ProcessGoneError(Exception):
    """The process could not be started, or has ended."""


def can_start() -> bool:
    """Whether this program is a Python interpreter, which can be started once more; other programs only embed one."""
    return Path(sys.executable or "").stem.lower().startswith("python")


class DecodingProcess:
    """A process that decodes files one by one, for one thread. It ends with `close`, or when this one ends.

    Raises:
        ProcessGoneError: The system does not start it.
    """

    def __init__(self) -> None:
        before = filter(None, [str(_PACKAGE_PARENT), os.environ.get("PYTHONPATH")])
        # Without PYTHONSAFEPATH a file “random.py” in the current folder would come before that of Python.
        environment = {"PYTHONPATH": os.pathsep.join(before), "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1"}
        try:
            self._process = subprocess.Popen(
                (sys.executable, "-m", __name__),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | environment,
                # On Windows: no black window beside the program.
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise ProcessGoneError from error
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)

    def sections(self, path: Path, frames: Collection[Frame]) -> Iterator[StoredSection]:
        """See `pixels.stored_sections`; all must be taken before the next call.

        Raises:
            ProcessGoneError: The process has ended before its answer did.
        """
        try:
            self._requests.write(_line({"path": str(path), "frames": list(frames)}))
            self._requests.flush()
            while "error" not in (answer := self._answer()):
                yield _section(answer, self._answers)
        except (OSError, ValueError) as error:
            raise ProcessGoneError from error
        if answer["error"] is not None:
            raise _ERRORS[answer["error"]](answer["message"])

    def close(self) -> None:
        """End it at once; from any thread."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._requests, self._answers):
            with suppress(OSError):
                pipe.close()

    def _answer(self) -> dict[str, Any]:
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            raise ProcessGoneError
        answer: dict[str, Any] = json.loads(line)
        return answer


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode("ascii") + b"\n"


def _section(answer: dict[str, Any], answers: IO[bytes]) -> StoredSection:
    values = np.empty(answer.pop("shape"), answer.pop("dtype"))
    view = memoryview(values).cast("B")
    if cast("io.BufferedReader", answers).readinto(view) != values.nbytes:
        raise ProcessGoneError
    padding = answer.pop("padding_hu")
    return StoredSection(values=values, padding_hu=None if padding is None else tuple(padding), **answer)


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    for line in requests:
        request = json.loads(line)
        outcome: dict[str, str | None] = {"error": None}
        try:
            for section in stored_sections(Path(request["path"]), request["frames"]):
                _send(section, answers)
        except SeriesError as error:
            outcome = {"error": type(error).__name__, "message": str(error)}
        answers.write(_line(outcome))
        answers.flush()


def _send(section: StoredSection, answers: IO[bytes]) -> None:
    values = np.ascontiguousarray(section.values)
    what = {"frame": section.frame, "slope": section.slope, "intercept": section.intercept}
    how = {"padding_hu": section.padding_hu, "shape": values.shape, "dtype": values.dtype.str}
    answers.write(_line(what | how))
    answers.write(memoryview(values).cast("B"))


def main() -> None:
    """Serve until there are no more requests."""
    # In a terminal, Ctrl-C reaches this process too; what it means is for the one that asks to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with os.fdopen(os.dup(0), "rb") as requests, os.fdopen(os.dup(1), "wb") as answers, quiet_pydicom():
        # What a decoder prints must not get between the answers.
        os.dup2(2, 1)
        _serve(requests, answers)


if __name__ == "__main__":
    main()
