"""The worker itself: a thread that reads what the client says, and the main thread that does what it asks for."""

from __future__ import annotations

import os
import queue
import signal
import sys
from collections.abc import Iterable
from dataclasses import asdict
from io import FileIO
from threading import Lock, Thread
from typing import TYPE_CHECKING, NoReturn

from ..atomic import discard_unfinished
from ..errors import Cancelled, CTDenoiseError
from .job_desk import JobDesk
from .jobs import run_job
from .large_imports import large_imports
from .messages import (
    PROTOCOL_VERSION,
    Cancel,
    DeviceInfo,
    Devices,
    Estimate,
    Estimated,
    Failed,
    JobCancelled,
    JobDone,
    JobFailed,
    JobInstruction,
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
from .sentences import is_device_fault, sentence_for

if TYPE_CHECKING:
    from .loaded_model import LoadedModel


class NoModelError(CTDenoiseError):
    """A job needs a model, and none could be loaded."""


class Server:
    """Serves one client.

    Args:
        lines_in: What the client says.
        lines_out: What it is told.
    """

    def __init__(self, lines_in: Iterable[bytes], lines_out: FileIO) -> None:
        self._in = lines_in
        self._out = lines_out
        self._writing = Lock()
        self._requests: queue.SimpleQueue[Message] = queue.SimpleQueue()
        # The jobs that wait or run; both threads change them.
        self._changing = Lock()
        self._desks: dict[int, JobDesk] = {}
        self._at_work: JobDesk | None = None
        self._model: LoadedModel | None = None
        self._why_no_model = "No model is loaded; choose one first."

    def serve(self) -> NoReturn:
        """Do what the client asks for until it is gone."""
        # In a terminal, Ctrl-C reaches the worker too; what it means is for the client to say.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._send(Ready(PROTOCOL_VERSION, os.getpid()))
        Thread(target=self._read, daemon=True).start()
        while True:
            request = self._requests.get()
            if isinstance(request, JobRequest):
                self._do_job(request)
            else:
                self._do(request)

    # In the reading thread.

    def _read(self) -> None:
        """Take what the client says, to the end: then there is no client, and nobody whom any work would serve."""
        try:
            for line in self._in:
                self._take(decode(line))
        except Exception as error:
            # Such as a message of another version. The end of this process is what the client is sure to notice.
            print(sentence_for(error), file=sys.stderr)
            _end_process(1)
        _end_process(0)

    def _take(self, message: Message) -> None:
        match message:
            case Quit():
                _end_process(0)
            case Cancel():
                self._cancel(message.job)
            case JobInstruction():
                desk = self._desks.get(message.job)
                if desk is not None:
                    desk.deliver(message)
            case JobRequest():
                with self._changing:
                    self._desks[message.job] = JobDesk(message.job, self._send)
                self._requests.put(message)
            case LoadModel() | ListDevices() | Estimate():
                self._requests.put(message)
            case _:
                raise ProtocolError(f"A “{type(message).__name__}” is not for the worker.")

    def _cancel(self, job: int) -> None:
        with self._changing:
            desk = self._desks.get(job)
            if desk is None:
                return
            if desk is self._at_work:
                desk.cancel()
                return
            # It would wait for the job at work: answered at once.
            del self._desks[job]
        self._send(JobCancelled(job, 0))

    # In the main thread.

    def _do_job(self, request: JobRequest) -> None:
        with self._changing:
            desk = self._at_work = self._desks.get(request.job)
        if desk is None:
            return
        try:
            self._end_job(desk, self._result(request, desk))
        except Cancelled:
            self._end_job(desk, JobCancelled(desk.job, desk.done))
        except Exception as error:
            self._end_job(desk, JobFailed(desk.job, sentence_for(error)))
            if is_device_fault(error):
                _end_process(1)

    def _result(self, request: JobRequest, desk: JobDesk) -> JobDone:
        if isinstance(request, ModelJobRequest) and self._model is None:
            raise NoModelError(self._why_no_model)
        desk.begin(None if self._model is None else self._model.denoiser)
        return run_job(request, desk)

    def _end_job(self, desk: JobDesk, news: JobNews) -> None:
        with self._changing:
            self._at_work = None
            del self._desks[desk.job]
        self._send(news)

    def _do(self, request: Message) -> None:
        try:
            self._send(self._answer(request))
        except Exception as error:
            sentence = sentence_for(error)
            if isinstance(request, LoadModel):
                self._why_no_model = sentence
            self._send(Failed(type(request).__name__, sentence))

    def _answer(self, request: Message) -> Message:
        if isinstance(request, LoadModel):
            return self._load(request)
        return self._estimate(request) if isinstance(request, Estimate) else _devices()

    def _estimate(self, request: Estimate) -> Estimated:
        if self._model is None:
            raise NoModelError(self._why_no_model)
        from .estimate import estimate

        return estimate(request, self._model.denoiser)

    def _load(self, request: LoadModel) -> ModelLoaded:
        if self._model is None or self._model.request != request:
            # Two models at once may be too much for the device.
            self._model = None
            with large_imports():
                from .loaded_model import load_model

            self._model = load_model(request)
        return self._model.description

    def _send(self, message: Message) -> None:
        rest = memoryview(encode(message))
        try:
            with self._writing:
                while rest:
                    rest = rest[self._out.write(rest) :]
        except OSError:
            # The client is gone.
            _end_process(0)


def _devices() -> Devices:
    with large_imports():
        from ..inference import available_devices

    return Devices(tuple(DeviceInfo(**asdict(device)) for device in available_devices()))


def _end_process(code: int) -> NoReturn:
    """End at once, in the middle of a layer of the network too, for which a clean end would have to wait."""
    discard_unfinished()
    sys.stderr.flush()
    os._exit(code)
