"""Slicer's own Python lacks the packages of training until the user has them installed, and never loads torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import CTDenoiseTrainScene

ABSENT = ("torch", "monai", "safetensors", "jsonschema", "platformdirs", "tomli_w", "tomli", "skimage", "tensorboardX")


def test_every_module_can_be_imported():
    modules = sorted(path.stem for path in Path(CTDenoiseTrainScene.__file__).parent.glob("[!_]*.py"))
    assert "training_session" in modules
    code = f"import sys; sys.modules.update(dict.fromkeys({ABSENT}))\n"
    code += "\n".join(f"import CTDenoiseTrainScene.{module}" for module in modules)
    answer = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
