"""The side with the windows talks of training without the packages that train."""

from __future__ import annotations

import subprocess
import sys

ABSENT = ("torch", "monai", "safetensors", "jsonschema", "matplotlib", "skimage", "tensorboardX")


def test_the_messages_need_none_of_what_the_worker_needs():
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({ABSENT}))\n"
        "from CTDenoiseLib.worker.messages import decode, encode\n"
        "from CTDenoiseTrainLib.worker.messages import Paused\n"
        "assert decode(encode(Paused(3))) == Paused(3)"
    )
    answer = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
