from __future__ import annotations

from importlib import import_module

import pytest

from CTDenoiseLib.worker import jobs
from CTDenoiseLib.worker.messages import JobRequest


def requests(base=JobRequest):
    """All kinds of jobs of the core."""
    for kind in base.__subclasses__():
        if kind.__module__.startswith("CTDenoiseLib."):
            yield from requests(kind) if kind.__subclasses__() else (kind,)


@pytest.mark.parametrize("kind", tuple(requests()), ids=lambda kind: kind.__name__)
def test_every_kind_of_job_has_a_module_that_does_it(kind):
    assert callable(import_module(jobs._MODULES[kind]).run)
