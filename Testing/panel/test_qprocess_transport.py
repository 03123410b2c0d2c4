"""The worker over a real `QProcess`; the programs of the first half behave as badly as programs can."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import psutil
import pytest

from CTDenoiseLib.worker.client import WorkerClient, WorkerState
from CTDenoiseLib.worker.job import JobState
from CTDenoiseLib.worker.messages import Denoise
from CTDenoiseLib.worker.transport import worker_command
from support.counting_worker.messages import Count


@pytest.fixture
def transports(slicer_host) -> ModuleType:
    return importlib.import_module("CTDenoisePanel.qprocess_transport")


class Heard:
    """What a transport told."""

    def __init__(self, transport) -> None:
        self.lines: list[bytes] = []
        self.ends: list[tuple[int | None, str]] = []
        transport.on_line = self.lines.append
        transport.on_end = lambda code, last_words: self.ends.append((code, last_words))


@pytest.fixture
def run(transports, spin) -> Iterator[Callable[..., tuple[object, Heard]]]:
    """Starts a Python program with a variable set, and ends it with the test."""
    started = []

    def start(program: str, *, python: str = sys.executable):
        transport = transports.QProcessTransport([python, "-c", program], {"CTDENOISE_WORD": "größer"})
        heard = Heard(transport)
        transport.start()
        started.append((transport, heard))
        return transport, heard

    yield start
    for transport, heard in started:
        transport.kill()
        spin(lambda heard=heard: heard.ends)


def test_lines_arrive_whole_however_they_were_written(run, spin):
    program = """
import sys, time
for part in ("one\\ntw", "o\\n", "x" * 200_000, "\\nlast\\nbegun"):
    sys.stdout.write(part); sys.stdout.flush(); time.sleep(0.05)
"""
    _, heard = run(program)
    spin(lambda: heard.ends)
    assert heard.lines == [b"one", b"two", b"x" * 200_000, b"last"]


def test_line_breaks_of_windows_are_taken_off(run, spin):
    _, heard = run("import sys; sys.stdout.buffer.write(b'one\\r\\ntwo\\r\\n')")
    spin(lambda: heard.ends)
    assert heard.lines == [b"one", b"two"]


def test_what_is_sent_arrives(run, spin):
    transport, heard = run("print(input()[::-1])")
    transport.send(b"abc\n")
    spin(lambda: heard.ends)
    assert heard.lines == [b"cba"]


def test_variables_are_set_beside_those_of_this_process(run, spin, monkeypatch):
    monkeypatch.setenv("CTDENOISE_OTHER", "there")
    _, heard = run("import os; print(ascii(os.environ['CTDENOISE_WORD']), os.environ['CTDENOISE_OTHER'])")
    spin(lambda: heard.ends)
    assert heard.lines == [b"'gr\\xf6\\xdfer' there"]


def test_the_end_comes_with_the_exit_code_and_the_last_words(run, spin):
    program = "import sys; print('\\n'.join(map(str, range(99))), file=sys.stderr); sys.exit(3)"
    transport, heard = run(program)
    assert transport.running
    spin(lambda: heard.ends)
    ((code, last_words),) = heard.ends
    assert code == 3
    assert last_words.splitlines() == [str(number) for number in range(79, 99)]
    assert not transport.running


def test_an_end_by_a_signal_has_no_exit_code(run, spin):
    transport, heard = run("import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    spin(lambda: heard.lines)
    os.kill(int(heard.lines[0]), getattr(signal, "SIGKILL", signal.SIGTERM))
    spin(lambda: heard.ends)
    assert heard.ends == [(None, "")]
    transport.send(b"nobody reads this\n")


def test_a_program_that_cannot_be_started_is_told_later_and_why(transports, spin, tmp_path):
    transport = transports.QProcessTransport([str(tmp_path / "none")], {})
    heard = Heard(transport)
    transport.start()
    assert not heard.ends
    spin(lambda: heard.ends)
    ((code, why),) = heard.ends
    assert code is None
    assert why
    assert not transport.running


def test_killing_ends_it_and_tells_so_once(run, spin):
    transport, heard = run("import time; print('here', flush=True); time.sleep(60)")
    spin(lambda: heard.lines)
    transport.kill()
    assert not heard.ends
    spin(lambda: heard.ends)
    transport.kill()
    spin(seconds=0.1)
    assert heard.ends == [(None, "")]


def test_one_that_nobody_holds_any_more_may_finish_what_it_was_told(transports, spin, tmp_path):
    done = tmp_path / "done"
    program = f"import pathlib; input(); pathlib.Path({str(done)!r}).touch()"
    transport = transports.QProcessTransport([sys.executable, "-c", program], {})
    transport.start()
    transport.send(b"go\n")
    del transport
    gc.collect()
    spin(done.exists)


# The real worker.


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    """A program that starts Python and waits for it, as PythonSlicer does."""
    path = tmp_path / "launcher.py"
    path.write_text("import subprocess, sys\nsys.exit(subprocess.call([sys.executable, *sys.argv[1:]]))\n")
    return path


@pytest.fixture
def client(transports, launcher, spin) -> Iterator[WorkerClient]:
    """Of a worker behind a launcher."""
    (python, *arguments), environment = worker_command(sys.executable)
    made = []

    def make():
        made.append(transports.QProcessTransport([python, str(launcher), *arguments], environment))
        return made[-1]

    client = WorkerClient(make)
    yield client
    client.quit()
    spin(lambda: not any(transport.running for transport in made))


def launcher_and_worker() -> list[psutil.Process]:
    """Those that run."""
    (launched,) = [child for child in psutil.Process().children() if not has_ended(child) and is_launcher(child)]
    return [launched, *launched.children()]


def is_launcher(process: psutil.Process) -> bool:
    return "launcher.py" in (Path(word).name for word in process.cmdline())


def has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.fixture
def job(transports, tmp_path):
    """A job of 3 sections, and what the model of the self tests makes of it."""
    truth = importlib.import_module("CTDenoisePanel.self_test_filter")
    hu = np.random.default_rng(0).integers(-1000, 1000, (3, 16, 20)).astype(np.int16)
    np.save(tmp_path / "input.npy", hu)
    np.save(tmp_path / "noise.npy", np.zeros(hu.shape, np.int16))
    request = Denoise(
        input=str(tmp_path / "input.npy"), noise=str(tmp_path / "noise.npy"), shape=hu.shape, order=(1, 0, 2)
    )
    return request, tmp_path / "noise.npy", truth.expected_noise(hu)


def load_self_test_model(client: WorkerClient) -> None:
    truth = importlib.import_module("CTDenoisePanel.self_test_filter")
    client.load_model(truth.MODEL_FOLDER, truth.MODEL_NAME, "cpu", "fp32")


def test_the_worker_denoises_and_its_noise_is_the_known_one(client, job, spin):
    request, noise, expected = job
    load_self_test_model(client)
    running = client.denoise(request)
    spin(lambda: running.ended, timeout=60)
    np.testing.assert_allclose(np.load(noise) * request.noise_step_hu, expected, atol=0.051)


def test_killing_a_launcher_leaves_no_worker_behind(client, spin):
    client.list_devices(lambda _: None)
    spin(lambda: client.state is WorkerState.READY, timeout=30)
    launched, worker = launcher_and_worker()
    launched.kill()
    spin(lambda: has_ended(worker))
    spin(lambda: client.state is WorkerState.ENDED)


def test_a_worker_that_hangs_is_killed_with_its_launcher(client, spin, job):
    load_self_test_model(client)
    spin(lambda: client.loaded, timeout=60)
    launched, worker = launcher_and_worker()
    worker.suspend()
    spin(lambda: worker.status() == psutil.STATUS_STOPPED)
    running = client.denoise(job[0])
    running.cancel()
    spin(seconds=1.1)
    client.tick()
    spin(lambda: has_ended(launched) and has_ended(worker))
    assert running.ended


def test_after_the_worker_was_killed_the_next_request_starts_another(client, spin, job):
    load_self_test_model(client)
    spin(lambda: client.loaded, timeout=60)
    for process in launcher_and_worker():
        process.kill()
    spin(lambda: client.state is WorkerState.ENDED)
    running = client.denoise(job[0])
    spin(lambda: running.ended, timeout=60)
    assert running.sections_done == 3


def test_worker_transport_starts_a_worker_in_this_python(transports, spin):
    client = WorkerClient(transports.worker_transport)
    answers = []
    client.list_devices(answers.append)
    spin(lambda: answers, timeout=60)
    assert answers[0][-1].name == "cpu"
    client.quit()
    spin(seconds=0.2)


def test_worker_transport_starts_the_worker_of_another_package(transports, spin):
    client = WorkerClient(lambda: transports.worker_transport("support.counting_worker"))
    counting = client.run(Count(start=0))
    spin(lambda: counting.ended, timeout=60)
    assert counting.state is JobState.DONE
    client.quit()
    spin(seconds=0.2)
