"""A worker that counts, beside all that the worker of the core does."""

from __future__ import annotations

from CTDenoiseLib.worker import jobs
from CTDenoiseLib.worker.server import Server
from CTDenoiseLib.worker.standard_streams import take_standard_streams

from .messages import Count

jobs.register(Count, "support.counting_worker.count_job")
Server(*take_standard_streams()).serve()
