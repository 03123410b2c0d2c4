"""A real worker process with its client, for tests: what comes from the worker is delivered while a test waits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.worker.client import WorkerClient
from CTDenoiseLib.worker.job import Job
from CTDenoiseLib.worker.messages import Denoise
from CTDenoiseLib.worker.subprocess_transport import SubprocessTransport
from CTDenoiseLib.worker.transport import WORKER_MODULE, worker_command


class WorkerBench:
    """A client, the transports it made, and files for its jobs.

    Args:
        folder: For the files.
        environment: Variables for the worker.
        module: Which worker to start.
        command: To start in place of a worker.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        module: str = WORKER_MODULE,
        command: Sequence[str] | None = None,
    ) -> None:
        self.folder = folder
        self.transports: list[SubprocessTransport] = []
        self.client = WorkerClient(self._make_transport)
        usual_command, usual_environment = worker_command(sys.executable, module)
        self._command = command or usual_command
        self._environment = usual_environment | dict(environment or {})

    def _make_transport(self) -> SubprocessTransport:
        self.transports.append(SubprocessTransport(self._command, self._environment))
        return self.transports[-1]

    @property
    def process_id(self) -> int:
        """Of the worker at present."""
        process_id = self.transports[-1].process_id
        assert process_id is not None
        return process_id

    def wait_until(self, condition: Callable[[], object], *, seconds: float = 120.0) -> None:
        """Deliver what comes from the workers until something is true.

        Raises:
            TimeoutError: It was not true in time.
        """
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("What the test waits for did not happen.")
            for transport in self.transports:
                transport.poll(0.02)

    def finish(self, job: Job) -> Job:
        """Wait for the end of a job."""
        self.wait_until(lambda: job.ended)
        return job

    def request(self, hu: NDArray[np.generic], **changes: object) -> Denoise:
        """A request to denoise HU, shape (z, y, x), whose files are made here."""
        number = len(list(self.folder.glob("input*")))
        np.save(self.folder / f"input{number}.npy", hu)
        np.save(self.folder / f"noise{number}.npy", np.zeros(hu.shape, dtype=np.int16))
        fields: dict[str, object] = {
            "input": str(self.folder / f"input{number}.npy"),
            "noise": str(self.folder / f"noise{number}.npy"),
            "shape": hu.shape,
            "order": tuple(range(len(hu))),
        }
        return Denoise(**(fields | changes))

    def close(self) -> None:
        """End the worker and wait for that."""
        self.client.quit()
        for transport in self.transports:
            transport.close()


def noise_of(job: Job) -> NDArray[np.float32]:
    """What a job to denoise has written so far, in HU, shape (z, y, x)."""
    assert isinstance(job.request, Denoise)
    return np.load(job.request.noise).astype(np.float32) * np.float32(job.request.noise_step_hu)
