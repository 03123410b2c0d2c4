"""Ctrl-C, or a batch system's signal, in the middle of a run: one sentence, exit code 130, and nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from support.ct_series import anatomy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to a single process on Windows.")


# As if started from a terminal: what is started in the background inherits that Ctrl-C is to be ignored.
PROGRAM = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from CTDenoiseLib.cli import main; sys.exit(main())"
)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stopped_while_sections_are_written_leaves_nothing(small_model, make_ct_series, tmp_path, stop):
    make_ct_series(tmp_path / "in", hu=anatomy((150, 160, 160)))
    (tmp_path / "results").mkdir()
    results = tmp_path / "results"
    words = ["run", tmp_path / "in", results / "out", "--model", "tiny", "--precision", "fp32"]
    words += ["--residual", results / "new" / "res", "--report", results / "report.png"]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CTDENOISE_MODELS": str(small_model)},
    )
    wait_for_sections(process, results)
    process.send_signal(stop)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (130, "", "Stopped; nothing was written.\n")
    assert list((results).iterdir()) == []


def wait_for_sections(process, folder):
    """Until some sections lie in the hidden folder and many are still to come."""
    while process.poll() is None:
        if len(list(folder.rglob("*.dcm"))) >= 3:
            return
        time.sleep(0.05)
    pytest.fail(f"The run ended before it could be stopped: {process.communicate()}")
