"""Stands for a copied worker: lends it its standard streams and environment, and ends as it does.

Usage: python -IS warm_worker_launcher.py ADDRESS MODULE
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

address, module = sys.argv[1:]
parent = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
parent.connect("\0" + address)
request = {"module": module, "folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109, for a quick start
socket.send_fds(parent, [json.dumps(request).encode()], [0, 1, 2])
for number in (0, 1, 2):
    os.close(number)
code = int(parent.recv(16) or 1)
if code < 0:
    os.kill(os.getpid(), -code)
    signal.pause()
os._exit(code)
