"""The life of the worker process: how it starts and ends, whoever ends it, and that it never outlives its client."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from CTDenoiseLib.worker.client import WorkerState
from CTDenoiseLib.worker.job import JobState
from CTDenoiseLib.worker.messages import LoadModel, Ready, decode, encode
from CTDenoiseLib.worker.transport import worker_command
from support.worker_bench import WorkerBench

posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals.")


def wait_for_end(process_id: int, *, seconds: float = 10.0) -> None:
    """Wait until a process is no more.

    Raises:
        psutil.TimeoutExpired: It still runs.
    """
    try:
        process = psutil.Process(process_id)
        if process.status() != psutil.STATUS_ZOMBIE:
            process.wait(seconds)
    except psutil.NoSuchProcess:
        return


@pytest.fixture
def with_startup_code(tmp_path: Path) -> Iterator[Callable[..., WorkerBench]]:
    """A bench whose worker runs some Python before anything else, as start-up files and launchers do."""
    made: list[WorkerBench] = []

    def make(code: str) -> WorkerBench:
        folder = tmp_path / "startup"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
        package = worker_command(sys.executable)[1]["PYTHONPATH"]
        made.append(WorkerBench(tmp_path, {"PYTHONPATH": os.pathsep.join((str(folder), package))}))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bare_worker() -> Iterator[subprocess.Popen]:
    """A worker without a client."""
    command, environment = worker_command(sys.executable)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=os.environ | environment, **pipes) as process:
        yield process
        process.kill()


def large(sections: int = 3) -> np.ndarray:
    """Sections that keep the slow model busy for seconds each."""
    return np.zeros((sections, 1024, 1024), dtype=np.int16)


class TestStart:
    def test_a_worker_is_ready_before_torch_is_loaded(self, with_startup_code):
        bench = with_startup_code("import sys; sys.modules['torch'] = None")
        answers, sentences = [], []
        bench.client.failed.connect(sentences.append)
        bench.client.list_devices(answers.append)
        bench.wait_until(lambda: bench.client.state is WorkerState.READY)
        bench.wait_until(lambda: sentences)
        assert answers == []
        assert "torch" in sentences[0]
        assert bench.client.state is WorkerState.READY

    def test_nothing_is_started_before_it_is_needed(self, own_bench):
        assert own_bench.transports == []
        assert own_bench.client.state is WorkerState.ABSENT

    def test_the_state_tells_each_step(self, own_bench):
        states = []
        own_bench.client.state_changed.connect(states.append)
        own_bench.client.list_devices(lambda _: None)
        own_bench.wait_until(lambda: own_bench.client.state is WorkerState.READY)
        own_bench.client.quit()
        assert states == [WorkerState.STARTING, WorkerState.READY, WorkerState.ABSENT]

    def test_it_says_first_of_all_which_protocol_it_speaks_and_who_it_is(self, bare_worker):
        assert decode(bare_worker.stdout.readline()) == Ready(1, bare_worker.pid)

    def test_a_worker_of_another_protocol_is_refused_and_ended(self, tmp_path):
        code = 'print(\'{"kind": "Ready", "protocol": 2, "process_id": 1}\', flush=True); import time; time.sleep(600)'
        bench, sentences = WorkerBench(tmp_path, command=(sys.executable, "-c", code)), []
        bench.client.failed.connect(sentences.append)
        bench.client.list_devices(lambda _: None)
        bench.wait_until(lambda: sentences)
        assert "version 2 of the protocol" in sentences[0]
        assert bench.client.state is WorkerState.ENDED
        bench.close()

    @pytest.mark.parametrize(
        ("command", "expected"),
        [
            (("no such program",), "no such program"),
            ((sys.executable, "-c", "raise SystemExit('No space on the moon.')"), "No space on the moon"),
            ((sys.executable, "-c", "raise SystemExit(3)"), "exit code 3"),
        ],
    )
    def test_a_worker_that_cannot_be_started_fails_the_job_with_the_reason(self, tmp_path, hu, command, expected):
        bench, sentences = WorkerBench(tmp_path, command=command), []
        bench.client.failed.connect(sentences.append)
        bench.client.load_model("folder", "name")
        job = bench.client.denoise(bench.request(hu))
        job.failed.connect(sentences.append)
        bench.finish(job)
        bench.close()
        assert len(sentences) == 1
        assert sentences[0].startswith("The worker could not be started: ")
        assert expected in sentences[0]


class TestNoise:
    """What libraries and start-up files print must not get between the messages."""

    def test_what_anything_prints_does_not_break_the_protocol(self, with_startup_code, small_model, hu):
        bench = with_startup_code(
            "import os, sys, threading, time\n"
            "print('Welcome to this Python.', flush=True)\n"
            "def chatter():\n"
            "    while True:\n"
            '        os.write(1, b\'{"kind": "nonsense"}\\n\')\n'
            "        print('more nonsense', flush=True)\n"
            "        os.write(2, b'a warning ' * 1000 + b'\\n')\n"
            "        time.sleep(0.001)\n"
            # Before the worker has its output to itself, half a line of others could be lost in one of its own.
            "def later():\n"
            "    while 'CTDenoiseLib.worker.server' not in sys.modules: time.sleep(0.001)\n"
            "    chatter()\n"
            "threading.Thread(target=later, daemon=True).start()\n"
        )
        bench.client.load_model(small_model, "tiny", "cpu", "fp32")
        assert bench.finish(bench.client.denoise(bench.request(hu))).state is JobState.DONE

    def test_libraries_find_an_empty_standard_input(self, with_startup_code, small_model):
        bench = with_startup_code(
            "import sys, threading, time\n"
            "def read():\n"
            "    while 'CTDenoiseLib.worker.server' not in sys.modules: time.sleep(0.001)\n"
            "    print('read', repr(sys.stdin.read()), file=sys.stderr, flush=True)\n"
            "threading.Thread(target=read, daemon=True).start()\n"
        )
        bench.client.load_model(small_model, "tiny", "cpu", "fp32")
        bench.wait_until(lambda: bench.client.loaded)


class TestEnd:
    def test_quit_ends_it_even_in_the_middle_of_a_section(self, own_bench, slow_model):
        own_bench.client.load_model(slow_model, "slow", "cpu", "fp32")
        job = own_bench.client.denoise(own_bench.request(large(), ready=(0,)))
        own_bench.wait_until(lambda: job.sections_done)
        job.feed([1, 2])
        own_bench.client.quit()
        assert job.state is JobState.CANCELLED
        assert own_bench.client.state is WorkerState.ABSENT
        wait_for_end(own_bench.process_id, seconds=2)

    def test_the_end_of_its_standard_input_ends_it_even_in_the_middle_of_a_section(
        self, bare_worker, own_bench, slow_model
    ):
        bare_worker.stdin.write(encode(LoadModel(str(slow_model), "slow", "cpu", "fp32")))
        bare_worker.stdin.write(encode(own_bench.request(large())))
        bare_worker.stdin.flush()
        while b"SectionDone" not in bare_worker.stdout.readline():
            assert bare_worker.poll() is None
        bare_worker.stdin.close()
        assert bare_worker.wait(2) == 0

    @posix_only
    def test_a_killed_client_leaves_no_orphan(self, slow_model, own_bench, tmp_path):
        script = tmp_path / "client.py"
        script.write_text(
            "import sys\n"
            "from CTDenoiseLib.worker.client import WorkerClient\n"
            "from CTDenoiseLib.worker.messages import decode\n"
            "from CTDenoiseLib.worker.subprocess_transport import SubprocessTransport\n"
            "from CTDenoiseLib.worker.transport import worker_command\n"
            "transport = SubprocessTransport(*worker_command(sys.executable))\n"
            "client = WorkerClient(lambda: transport)\n"
            "client.load_model(sys.argv[1], 'slow', 'cpu', 'fp32')\n"
            "job = client.denoise(decode(sys.stdin.buffer.readline()))\n"
            "job.section_done.connect(lambda _: print(transport.process_id, flush=True))\n"
            "while True: transport.poll(0.1)\n"
        )
        with subprocess.Popen(
            (sys.executable, script, slow_model), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as client:
            client.stdin.write(encode(own_bench.request(large())))
            client.stdin.flush()
            worker = int(client.stdout.readline())
            assert psutil.pid_exists(worker)
            client.send_signal(signal.SIGKILL)
        wait_for_end(worker)

    def test_a_message_it_does_not_know_ends_it_without_telling_its_content(self, bare_worker):
        bare_worker.stdin.write(b'{"kind": "Reboot", "patient": "Doe^John"}\n')
        bare_worker.stdin.flush()
        assert bare_worker.wait(10) == 1
        log = bare_worker.stderr.read()
        assert b"Reboot" in log
        assert b"Doe" not in log

    def test_messages_meant_for_the_client_are_none_for_it(self, bare_worker):
        bare_worker.stdin.write(encode(Ready(1, 1)))
        bare_worker.stdin.flush()
        assert bare_worker.wait(10) == 1


@posix_only
class TestKilled:
    def test_the_job_fails_in_one_sentence_and_the_next_one_starts_a_new_worker(self, own_bench, small_model, hu):
        client, sentences, states = own_bench.client, [], []
        client.failed.connect(sentences.append)
        client.state_changed.connect(states.append)
        client.load_model(small_model, "tiny", "cpu", "fp32")
        request = own_bench.request(hu, ready=(0, 1, 2))
        job = client.denoise(request)
        job.failed.connect(sentences.append)
        own_bench.wait_until(lambda: job.sections_done)
        os.kill(own_bench.process_id, signal.SIGKILL)
        own_bench.finish(job)

        assert job.state is JobState.FAILED
        (sentence,) = sentences
        assert "SIGKILL" in sentence
        assert "What was finished stays" in sentence
        assert np.load(request.noise)[0].any()
        assert client.loaded is None
        assert states[-1] is WorkerState.ENDED

        assert own_bench.finish(client.denoise(own_bench.request(hu))).state is JobState.DONE
        assert len(own_bench.transports) == 2
        assert client.loaded.name == "tiny"
        assert len(sentences) == 1

    def test_all_jobs_that_wait_fail_too_and_one_being_cancelled_is_cancelled(self, own_bench, small_model, hu):
        client = own_bench.client
        client.load_model(small_model, "tiny", "cpu", "fp32")
        running, cancelled, waiting = (client.denoise(own_bench.request(hu, ready=())) for _ in range(3))
        own_bench.wait_until(lambda: client.loaded)
        os.kill(own_bench.process_id, signal.SIGSTOP)
        cancelled.cancel()
        os.kill(own_bench.process_id, signal.SIGKILL)
        for job in (running, cancelled, waiting):
            own_bench.finish(job)
        states = [job.state for job in (running, cancelled, waiting)]
        assert states == [JobState.FAILED, JobState.CANCELLED, JobState.FAILED]

    def test_one_that_dies_without_work_is_replaced_without_a_word(self, own_bench):
        sentences, answers = [], []
        own_bench.client.failed.connect(sentences.append)
        own_bench.client.list_devices(answers.append)
        own_bench.wait_until(lambda: answers)
        os.kill(own_bench.process_id, signal.SIGKILL)
        own_bench.wait_until(lambda: own_bench.client.state is WorkerState.ENDED)
        own_bench.client.list_devices(answers.append)
        own_bench.wait_until(lambda: len(answers) == 2)
        assert sentences == []

    def test_one_that_dies_while_it_loads_a_model_is_told(self, own_bench, small_model):
        sentences = []
        own_bench.client.failed.connect(sentences.append)
        own_bench.client.load_model(small_model, "tiny", "cpu", "fp32")
        own_bench.wait_until(lambda: own_bench.client.state is WorkerState.READY)
        os.kill(own_bench.process_id, signal.SIGKILL)
        own_bench.wait_until(lambda: own_bench.client.state is WorkerState.ENDED)
        assert len(sentences) == 1

    def test_a_full_disk_is_told_in_words_and_the_worker_goes_on(self, with_startup_code, small_model, hu):
        # Past this size the system refuses to write to a file, as on a full disk.
        bench = with_startup_code("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))")
        bench.client.load_model(small_model, "tiny", "cpu", "fp32")
        sentences = []
        job = bench.client.denoise(bench.request(hu))
        job.failed.connect(sentences.append)
        bench.finish(job)
        assert sentences == ["The disk is full; make room on the disk of the temporary files and run again."]
        assert bench.finish(bench.client.denoise(bench.request(hu, order=(0,)))).state is JobState.DONE
        assert len(bench.transports) == 1


class TestCancel:
    @pytest.fixture
    def slow_bench(self, own_bench, slow_model):
        """A worker with the slow model, and the seconds that one large section takes it."""
        own_bench.client.load_model(slow_model, "slow", "cpu", "fp32")
        own_bench.wait_until(lambda: own_bench.client.loaded)
        start = time.monotonic()
        own_bench.finish(own_bench.client.denoise(own_bench.request(large(1))))
        return own_bench, time.monotonic() - start

    def test_it_takes_effect_within_a_second_in_the_middle_of_a_long_section(self, slow_bench):
        bench, section_seconds = slow_bench
        job = bench.client.denoise(bench.request(large()))
        time.sleep(0.2 * section_seconds)
        start = time.monotonic()
        job.cancel()
        bench.finish(job)
        seconds = time.monotonic() - start
        assert job.state is JobState.CANCELLED
        assert job.sections_done == 0
        assert seconds < min(1.0, section_seconds / 2)

    def test_the_worker_goes_on_with_the_next_job(self, slow_bench):
        bench, _ = slow_bench
        job = bench.client.denoise(bench.request(large()))
        time.sleep(0.1)
        job.cancel()
        assert job.state is JobState.CANCELLING
        assert bench.finish(bench.client.denoise(bench.request(large(1)))).state is JobState.DONE
        assert job.state is JobState.CANCELLED
        assert len(bench.transports) == 1

    def test_a_job_that_waits_for_its_turn_is_cancelled_at_once_and_the_one_at_work_goes_on(self, slow_bench):
        bench, section_seconds = slow_bench
        running, waiting = (bench.client.denoise(bench.request(large(1))) for _ in range(2))
        waiting.cancel()
        start = time.monotonic()
        bench.finish(waiting)
        assert time.monotonic() - start < section_seconds / 2
        assert not running.ended
        assert bench.finish(running).state is JobState.DONE

    def test_a_job_that_waits_for_its_input_is_cancelled(self, bench, hu):
        job = bench.client.denoise(bench.request(hu, ready=(0, 1)))
        bench.wait_until(lambda: job.sections_done)
        job.cancel()
        assert bench.finish(job).state is JobState.CANCELLED
        assert job.sections_done == 1

    def test_before_the_worker_is_ready_a_job_is_cancelled_at_once(self, own_bench, small_model, hu):
        own_bench.client.load_model(small_model, "tiny", "cpu", "fp32")
        job = own_bench.client.denoise(own_bench.request(hu))
        job.feed([0])
        job.cancel()
        assert job.state is JobState.CANCELLED
        own_bench.wait_until(lambda: own_bench.client.loaded)

    def test_nothing_is_heard_of_a_job_after_its_end(self, bench, hu):
        job = bench.client.denoise(bench.request(hu, ready=(0, 1)))
        bench.wait_until(lambda: job.sections_done)
        job.cancel()
        bench.finish(job)
        events = []
        for each in (job.section_done, job.progress, job.done, job.failed, job.cancelled):
            each.connect(lambda *_: events.append(1))
        job.feed(range(9))
        job.prioritise([3])
        job.cancel()
        bench.finish(bench.client.denoise(bench.request(hu)))
        assert events == []

    @posix_only
    def test_a_worker_that_does_not_answer_is_killed_after_a_second(self, own_bench, small_model, hu):
        client = own_bench.client
        client.load_model(small_model, "tiny", "cpu", "fp32")
        job, other = (client.denoise(own_bench.request(hu, ready=(0, 1))) for _ in range(2))
        own_bench.wait_until(lambda: job.sections_done)
        os.kill(own_bench.process_id, signal.SIGSTOP)
        job.cancel()
        client.tick(job.deadline - 0.01)
        assert job.state is JobState.CANCELLING
        client.tick(job.deadline)
        assert job.state is JobState.CANCELLED
        assert other.state is JobState.FAILED
        wait_for_end(own_bench.process_id)
        assert own_bench.finish(client.denoise(own_bench.request(hu))).state is JobState.DONE


LAUNCHER = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-m', 'CTDenoiseLib.worker']))"


@pytest.fixture
def launched_bench(tmp_path: Path) -> Iterator[WorkerBench]:
    """A worker behind a launcher that waits for it, as PythonSlicer does."""
    bench = WorkerBench(tmp_path, command=(sys.executable, "-c", LAUNCHER))
    yield bench
    bench.close()


class TestBehindALauncher:
    @pytest.fixture
    def worker(self, launched_bench):
        """The process id of the worker itself."""
        launched_bench.client.list_devices(lambda _: None)
        launched_bench.wait_until(lambda: launched_bench.client.state is WorkerState.READY)
        (worker,) = psutil.Process(launched_bench.process_id).children()
        return worker.pid

    @posix_only
    def test_a_worker_that_does_not_answer_is_killed_itself(self, launched_bench, worker, hu):
        job = launched_bench.client.denoise(launched_bench.request(hu))
        os.kill(worker, signal.SIGSTOP)
        job.cancel()
        launched_bench.client.tick(job.deadline)
        wait_for_end(worker)
        wait_for_end(launched_bench.process_id)

    def test_quit_ends_both(self, launched_bench, worker):
        launched_bench.client.quit()
        wait_for_end(worker)
        wait_for_end(launched_bench.process_id)

    def test_quit_before_the_worker_is_ready_ends_both(self, launched_bench):
        launched_bench.client.list_devices(lambda _: None)
        launcher = psutil.Process(launched_bench.process_id)
        launched_bench.wait_until(launcher.children)
        (worker,) = launcher.children()
        launched_bench.client.quit()
        wait_for_end(worker.pid)
        wait_for_end(launched_bench.process_id)
