"""The side with the windows runs in Slicer's own Python, which has none of the packages that the worker needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

ABSENT = ("torch", "safetensors", "jsonschema", "platformdirs", "matplotlib", "psutil", "rich", "typer")


@pytest.mark.parametrize("module", ["client", "job", "section_file", "subprocess_transport", "transport", "workplace"])
def test_the_client_needs_none_of_what_the_worker_needs(module):
    code = f"import sys; sys.modules.update(dict.fromkeys({ABSENT})); import CTDenoiseLib.worker.{module}"
    answer = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
