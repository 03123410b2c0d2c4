"""What the user waits for until the first section is there is imported, and nothing else that takes long to come."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from CTDenoiseLib.worker.large_imports import large_imports

FOR_OTHER_JOBS = ("matplotlib", "pydicom", "rich", "scipy.ndimage", "SimpleITK", "typer")
FOR_DENOISING = ("jsonschema", "numba", "psutil", "safetensors", "torch")
# Parts of PyTorch that come by themselves with what looks harmless, such as a network run on tensors without data.
FOR_COMPILING = ("sympy", "torch._dynamo", "torch._inductor", "torch.utils.flop_counter")
FOR_TRAINING = ("monai", "skimage", "tensorboardX", "torchvision")


def imported_by(code: str, *names: str) -> list[str]:
    """Which modules a new Python has after it ran some code."""
    asked = f"import sys\n{code}\nprint(*[name for name in {names!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", asked], stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def test_a_worker_that_takes_requests_has_imported_nothing_large():
    code = "import CTDenoiseLib.worker.__main__, CTDenoiseLib.worker.server"
    assert imported_by(code, *FOR_OTHER_JOBS, *FOR_DENOISING, *FOR_TRAINING) == []


def test_a_section_is_denoised_without_what_is_for_other_things(small_model: Path):
    code = (
        "import numpy as np, CTDenoiseLib.worker.denoise_job\n"
        "from CTDenoiseLib.volume import Volume\n"
        "from CTDenoiseLib.worker.loaded_model import load_model\n"
        "from CTDenoiseLib.worker.messages import LoadModel\n"
        f"model = load_model(LoadModel({str(small_model)!r}, 'tiny', 'cpu', 'fp32'))\n"
        "next(model.denoiser.sections(Volume(np.zeros((1, 64, 64), np.float32))))"
    )
    assert imported_by(code, *FOR_OTHER_JOBS, *FOR_COMPILING, *FOR_TRAINING) == []


def test_garbage_is_not_searched_for_while_pytorch_comes_nor_in_it_later(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with large_imports():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_garbage_is_searched_for_again_when_pytorch_cannot_be_imported(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with pytest.raises(ImportError), large_imports():
        raise ImportError
    assert gc.isenabled()
    gc.unfreeze()


def test_garbage_is_searched_for_as_ever_once_pytorch_is_there():
    import torch  # noqa: F401

    with large_imports():
        assert gc.isenabled()
