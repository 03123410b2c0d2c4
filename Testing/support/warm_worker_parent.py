"""The process that workers are copies of: imports what they need, and copies itself whenever a launcher asks for one.

Usage: python warm_worker_parent.py SOCKET_NUMBER MODULE...; it ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

_MOST_BYTES = 1 << 20


def main(listener_number: str, *modules: str) -> NoReturn:
    """Serve launchers until nobody needs any more."""
    listener = socket.socket(fileno=int(listener_number))
    for module in modules:
        import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who look after a worker
    while True:
        ready, _, _ = select.select([listener, 0], [], [])
        if 0 in ready:
            os._exit(0)  # taking down all that was imported would take seconds
        launcher, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _look_after_worker(launcher)
        launcher.close()


def _look_after_worker(launcher: socket.socket) -> NoReturn:
    """Start a worker, and tell the launcher how it ended; or end it, if the launcher is killed."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    words, streams, _, _ = socket.recv_fds(launcher, _MOST_BYTES, 3)
    if not words:
        os._exit(0)  # the launcher was killed before it could ask
    worker_lives, held_by_worker = os.pipe()
    worker = os.fork()
    if worker == 0:
        launcher.close()
        os.close(worker_lives)
        _become_worker(json.loads(words), streams)
    for number in (held_by_worker, *streams):
        os.close(number)
    ready, _, _ = select.select([launcher, worker_lives], [], [])
    if launcher in ready:
        os.kill(worker, signal.SIGKILL)
    _, status = os.waitpid(worker, 0)
    with suppress(OSError):
        launcher.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become_worker(request: dict[str, Any], streams: list[int]) -> NoReturn:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    try:
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
