"""The piece of work by which machines and precisions are compared."""

from __future__ import annotations

from collections.abc import Callable

import torch

from .. import __version__
from ..models.card import NetworkDescription
from ..networks import create
from .backend import Backend
from .execution import execution_of

# Between those of the bundled models, which have half and twice its width.
PROBE = NetworkDescription(name="hrcnn", configuration={"context": 3, "width": 32, "levels": 6})


def probe(backend: Backend, *, side: int) -> Callable[[], object]:
    """What to call to have a section denoised by a network with random weights; returns when the device is done.

    Args:
        backend: Device and precision.
        side: Rows and columns of the section, a multiple of 32.
    """
    with torch.random.fork_rng(devices=[]):
        execution = execution_of(create(PROBE.name, PROBE.configuration).eval(), backend)
        windows = torch.randn(1, 2 * PROBE.configuration["context"] + 1, side, side)
    windows = windows.to(backend.device).contiguous(memory_format=backend.memory_format)

    def denoise() -> None:
        with torch.inference_mode():
            execution.noise(windows).cpu()

    return denoise


def circumstances(backend: Backend) -> str:
    """All that a measurement depends on; what was measured in other circumstances does not count."""
    return ", ".join(
        (
            backend.device_name,
            backend.precision,
            f"{torch.get_num_threads()} threads",
            f"torch {torch.__version__}",
            f"ctdenoise {__version__}",
        )
    )
