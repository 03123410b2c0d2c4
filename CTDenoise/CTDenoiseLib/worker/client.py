"""The client of a worker: starts it when it is needed, gives it requests, and tells what comes back."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from pathlib import Path

from ..signal import Signal
from .end_sentences import start_failure, unasked_end
from .job import Job, JobState
from .messages import (
    PROTOCOL_VERSION,
    Cancel,
    Denoise,
    DeviceInfo,
    Devices,
    Estimate,
    Estimated,
    Failed,
    JobCancelled,
    JobDone,
    JobFailed,
    JobNews,
    JobRequest,
    ListDevices,
    LoadModel,
    Message,
    ModelJobRequest,
    ModelLoaded,
    ProtocolError,
    Quit,
    Ready,
    decode,
    encode,
)
from .transport import Transport

CANCEL_SECONDS = 1.0


class WorkerState(Enum):
    """Whether there is a worker: not before the first request nor after `quit`, and no more when it `ENDED` unasked."""

    ABSENT = "absent"
    STARTING = "starting"
    READY = "ready"
    ENDED = "ended"


@dataclass
class _Worker:
    """The worker at present, and what it has been asked and has not answered yet.

    Attributes:
        transport: To the process.
        process_id: Of the worker itself; `None` until it is ready.
        waiting: What it is told when it is ready.
        jobs: The open ones, by number.
        on_devices: Who asked for the devices.
        on_estimates: Who asked what a run will cost.
        model: The last that it was told to load, unless that failed.
        models_on_their_way: How many it was told to load and has not.
    """

    transport: Transport
    process_id: int | None = None
    waiting: list[Message] = field(default_factory=list)
    jobs: dict[int, Job] = field(default_factory=dict)
    on_devices: deque[Callable[[tuple[DeviceInfo, ...]], object]] = field(default_factory=deque)
    on_estimates: deque[Callable[[Estimated], object]] = field(default_factory=deque)
    model: LoadModel | None = None
    models_on_their_way: int = 0

    def send(self, message: Message) -> None:
        if self.process_id is None:
            self.waiting.append(message)
        else:
            self.transport.send(encode(message))

    def kill(self) -> None:
        if self.process_id is not None and self.transport.running:
            # What the transport started may be a launcher, as PythonSlicer is; the worker is its child.
            with suppress(OSError):
                os.kill(self.process_id, getattr(signal, "SIGKILL", signal.SIGTERM))
        self.transport.kill()


class WorkerClient:
    """Talks to one worker at a time. All of it happens in the thread that owns it, and nothing ever waits.

    The worker is started by the first request. If it ends by itself, all open jobs fail, and the next request starts a
    new one, which loads the model again as soon as a job needs it.

    Args:
        make_transport: Makes a transport, not started yet, for each new worker.

    Attributes:
        state: Whether there is a worker.
        loaded: The model that the worker has loaded; `None` while there is none or another one is on its way.
        state_changed: Emits the new state.
        model_loaded: Emits the model that was loaded.
        failed: Emits a sentence when a request that is no job failed; failures of jobs are told by the jobs alone.
    """

    def __init__(self, make_transport: Callable[[], Transport]) -> None:
        self.state = WorkerState.ABSENT
        self.loaded: ModelLoaded | None = None
        self.state_changed: Signal[WorkerState] = Signal()
        self.model_loaded: Signal[ModelLoaded] = Signal()
        self.failed: Signal[str] = Signal()
        self._make_transport = make_transport
        self._numbers = itertools.count(1)
        self._model: LoadModel | None = None
        self._worker: _Worker | None = None

    def list_devices(self, on_devices: Callable[[tuple[DeviceInfo, ...]], object]) -> None:
        """Ask what the worker can compute on; `on_devices` is given the answer, after the jobs before it."""
        worker = self._worker_at_hand()
        worker.on_devices.append(on_devices)
        worker.send(ListDevices())

    def load_model(self, folder: Path | str, name: str, device: str = "auto", precision: str = "auto") -> None:
        """Have a model ready for the jobs to come; without effect if it is loaded or on its way.

        Args:
            folder: Where the two files of the model lie.
            name: Of the model.
            device: "auto", "cuda:N", "cuda:all", "mps" or "cpu".
            precision: "auto", "fp32", "bf16" or "fp16".
        """
        self._model = LoadModel(str(folder), name, device, precision)
        self._send_model(self._model)

    def estimate(self, rows: int, columns: int, on_estimated: Callable[[Estimated], object]) -> None:
        """Ask what sections of a size will cost with the loaded model.

        Args:
            rows: Of a section.
            columns: Of a section.
            on_estimated: Is given the answer, after the jobs before it; not called if there is none, as without a
                model.
        """
        worker = self._worker_at_hand()
        worker.on_estimates.append(on_estimated)
        worker.send(Estimate(rows, columns))

    def denoise(self, request: Denoise) -> Job:
        """Denoise with the model of the last `load_model`; the number of the job is filled in."""
        return self.run(request)

    def run(self, request: JobRequest) -> Job:
        """Have any job done after those asked for before; its number is filled in.

        A job for the model is done by that of the last `load_model`.
        """
        if isinstance(request, ModelJobRequest) and self._model is not None:
            self._send_model(self._model)
        worker = self._worker_at_hand()
        numbered = replace(request, job=next(self._numbers))
        job = Job(numbered, send=worker.send, cancel=partial(self._cancel, worker))
        worker.jobs[job.id] = job
        worker.send(numbered)
        return job

    def quit(self) -> None:
        """End the worker, if there is one; open jobs are cancelled."""
        worker = self._worker
        if worker is None:
            return
        if worker.process_id is None:
            worker.kill()
        else:
            worker.send(Quit())
        self._part_from(worker, WorkerState.ABSENT)
        for job in tuple(worker.jobs.values()):
            job.receive(JobCancelled(job.id, job.sections_done))

    def tick(self, now: float | None = None) -> None:
        """Kill a worker that did not end a cancelled job within a second; to be called now and then meanwhile.

        Args:
            now: Time by `time.monotonic`.
        """
        worker, now = self._worker, time.monotonic() if now is None else now
        if worker and any(job.deadline is not None and job.deadline <= now for job in worker.jobs.values()):
            self._give_up(worker, "The worker did not stop in time and was ended. Run again to start a new one.")

    def _worker_at_hand(self) -> _Worker:
        """The worker; started if there is none."""
        if self._worker is not None:
            return self._worker
        transport = self._make_transport()
        worker = self._worker = _Worker(transport)
        transport.on_line = partial(self._on_line, worker)
        transport.on_end = partial(self._on_end, worker)
        transport.start()
        self._change_state(WorkerState.STARTING)
        return worker

    def _send_model(self, model: LoadModel) -> None:
        worker = self._worker_at_hand()
        if model != worker.model:
            worker.model = model
            worker.models_on_their_way += 1
            self.loaded = None
            worker.send(model)

    def _cancel(self, worker: _Worker, job: Job) -> None:
        if job.request in worker.waiting:
            worker.waiting = [message for message in worker.waiting if getattr(message, "job", None) != job.id]
            self._on_news(worker, JobCancelled(job.id, 0))
        else:
            job.deadline = time.monotonic() + CANCEL_SECONDS
            worker.send(Cancel(job.id))

    def _on_line(self, worker: _Worker, line: bytes) -> None:
        if worker is not self._worker:
            return
        try:
            message = decode(line)
        except ProtocolError as error:
            # Before the worker has its output to itself, a launcher or a start-up file of Python may write there.
            if worker.process_id is not None:
                self._give_up(worker, f"The worker was ended because it could not be understood: {error}")
            return
        match message:
            case Ready():
                self._on_ready(worker, message)
            case ModelLoaded():
                self._on_model_loaded(worker, message)
            case Devices():
                worker.on_devices.popleft()(message.devices)
            case Estimated():
                worker.on_estimates.popleft()(message)
            case Failed():
                self._on_failed(worker, message)
            case JobNews():
                self._on_news(worker, message)

    def _on_ready(self, worker: _Worker, message: Ready) -> None:
        if message.protocol != PROTOCOL_VERSION:
            self._give_up(
                worker,
                f"The worker speaks version {message.protocol} of the protocol, this program version "
                f"{PROTOCOL_VERSION}: parts of two versions of CTDenoise are mixed. Install CTDenoise again.",
            )
            return
        worker.process_id = message.process_id
        for waiting in worker.waiting:
            worker.send(waiting)
        worker.waiting = []
        self._change_state(WorkerState.READY)

    def _on_model_loaded(self, worker: _Worker, message: ModelLoaded) -> None:
        worker.models_on_their_way -= 1
        if worker.models_on_their_way == 0:
            self.loaded = message
            self.model_loaded.emit(message)

    def _on_failed(self, worker: _Worker, message: Failed) -> None:
        if message.request == LoadModel.__name__:
            worker.models_on_their_way -= 1
            if worker.models_on_their_way == 0:
                worker.model = None
            if any(isinstance(job.request, ModelJobRequest) for job in worker.jobs.values()):
                # These jobs fail with the same sentence.
                return
        elif message.request == Estimate.__name__:
            # What went wrong will be said when there is a run.
            worker.on_estimates.popleft()
            return
        else:
            worker.on_devices.popleft()
        self.failed.emit(message.sentence)

    def _on_news(self, worker: _Worker, news: JobNews) -> None:
        job = worker.jobs.get(news.job)
        if job is not None:
            if isinstance(news, (JobDone, JobCancelled, JobFailed)):
                del worker.jobs[news.job]
            job.receive(news)

    def _on_end(self, worker: _Worker, exit_code: int | None, last_words: str) -> None:
        if worker is self._worker:
            never_ready = worker.process_id is None
            self._fail(worker, start_failure(exit_code, last_words) if never_ready else unasked_end(exit_code))

    def _give_up(self, worker: _Worker, sentence: str) -> None:
        worker.kill()
        self._fail(worker, sentence)

    def _fail(self, worker: _Worker, sentence: str) -> None:
        """Part from a worker that is no more, and tell all who wait for it."""
        self._part_from(worker, WorkerState.ENDED)
        for job in tuple(worker.jobs.values()):
            if job.state is JobState.CANCELLING:
                job.receive(JobCancelled(job.id, job.sections_done))
            else:
                job.receive(JobFailed(job.id, sentence))
        if not worker.jobs and (worker.on_devices or worker.models_on_their_way):
            self.failed.emit(sentence)

    def _part_from(self, worker: _Worker, state: WorkerState) -> None:
        assert worker is self._worker
        self._worker = None
        self.loaded = None
        self._change_state(state)

    def _change_state(self, state: WorkerState) -> None:
        self.state = state
        self.state_changed.emit(state)
