"""Jobs that save a result, asked for without a scene: files of sections, geometries turned round, and what is told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.dicom.derivation import Derivation
from CTDenoiseLib.volume import Geometry
from CTDenoiseLib.worker.export_messages import Voxels
from CTDenoiseLib.worker.job_desk import JobDesk
from CTDenoiseLib.worker.messages import Message


@dataclass
class HeardDesk:
    """A desk as the worker gives it to a job, and all that the job says."""

    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = JobDesk(7, self.messages.append)
        self.desk.begin(None)

    def of(self, kind: type) -> list[Any]:
        """The messages of one kind."""
        return [message for message in self.messages if isinstance(message, kind)]

    def cancel_at(self, kind: type) -> None:
        """Let the client cancel as soon as the job says something of this kind."""

        def send(message: Message) -> None:
            self.messages.append(message)
            if isinstance(message, kind):
                self.desk.cancel()

        self.desk = JobDesk(7, send)
        self.desk.begin(None)


def lay_down(folder: Path, values: NDArray[np.generic], geometry: Geometry, *, step_hu: float = 1.0) -> Voxels:
    """Values of shape (z, y, x) in a file of sections."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"values{len(list(folder.iterdir()))}.npy"
    np.save(file, np.ascontiguousarray(values))
    return Voxels(file=str(file), step_hu=step_hu, geometry=geometry)


def turned(
    values: NDArray[np.generic], geometry: Geometry, axes: tuple[int, ...]
) -> tuple[NDArray[np.generic], Geometry]:
    """The same voxels in the same place, stored in the opposite order along some of the axes (0: z, 1: y, 2: x)."""
    for axis in axes:
        direction = list(geometry.direction)
        length = (values.shape[axis] - 1) * geometry.spacing[axis]
        x, y, z = (start + length * step for start, step in zip(geometry.origin, direction[axis], strict=True))
        a, b, c = direction[axis]
        direction[axis] = (-a, -b, -c)
        geometry = replace(geometry, origin=(x, y, z), direction=(direction[0], direction[1], direction[2]))
        values = np.flip(values, axis)
    return values, geometry


DERIVATION = Derivation(
    model="tiny",
    model_version="1.0",
    weights_sha256="0123456789abcdef" * 4,
    strength=0.7,
    context=1,
    device="a test",
    precision="fp32",
    kind="denoised",
)
