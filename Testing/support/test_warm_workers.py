from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from support import warm_workers

pytestmark = pytest.mark.skipif(not warm_workers.POSSIBLE, reason="Needs Linux.")

WORKER = """
import os, sys, time
print(input(), os.environ["WORD"], os.getcwd(), os.getpid(), flush=True)
print("last words", file=sys.stderr, flush=True)
os._exit(3) if sys.stdin.readline() else time.sleep(60)
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Starts a worker, says two words to it, and returns its launcher with what it has answered."""
    (tmp_path / "a_worker.py").write_text(WORKER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    warm = warm_workers.WarmWorkers()
    launched = []

    def launch(words: bytes) -> tuple[subprocess.Popen[bytes], list[str]]:
        command, environment = warm.command(sys.executable, "a_worker")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment |= {"WORD": "größer"}
        launched.append(subprocess.Popen(command, env=os.environ | environment, cwd=tmp_path, **pipes))
        launched[-1].stdin.write(words)
        launched[-1].stdin.close()
        return launched[-1], launched[-1].stdout.readline().decode().split()

    yield launch
    warm.close()
    for launcher in launched:
        with launcher:
            launcher.kill()


def test_a_copy_has_the_streams_the_environment_and_the_end_of_its_launcher(start, tmp_path):
    launcher, (word, variable, folder, _) = start(b"said\nmore\n")
    assert (word, variable, folder) == ("said", "größer", str(tmp_path))
    assert launcher.stderr.read() == b"last words\n"
    assert launcher.wait() == 3


def test_a_copy_that_is_killed_takes_its_launcher_along(start):
    launcher, (*_, process_id) = start(b"said\n")
    os.kill(int(process_id), signal.SIGKILL)
    assert launcher.wait() == -signal.SIGKILL


def test_a_launcher_that_is_killed_takes_its_copy_along(start):
    launcher, (*_, process_id) = start(b"said\n")
    copy = psutil.Process(int(process_id))
    launcher.kill()
    copy.wait(timeout=10)
