from __future__ import annotations

import os
import subprocess
import sys

import psutil

from CTDenoiseLib.worker.messages import Ready, decode
from CTDenoiseLib.worker.transport import worker_command


def test_a_worker_leaves_the_processors_to_the_program_that_started_it():
    arguments, environment = worker_command(sys.executable)
    with subprocess.Popen(
        arguments, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        ready = decode(worker.stdout.readline())
        assert isinstance(ready, Ready)
        priority, own = psutil.Process(ready.process_id).nice(), psutil.Process().nice()
        worker.stdin.close()
    if sys.platform == "win32":
        assert priority == psutil.BELOW_NORMAL_PRIORITY_CLASS
    else:
        assert priority > own
