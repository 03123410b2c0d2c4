"""A result beside an input in a scene, as a run would leave it, and exports of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import vtk
from numpy.typing import NDArray

from CTDenoiseScene.export import ExportSession, JobSessionState, Target
from CTDenoiseScene.provenance import Provenance
from CTDenoiseScene.results import INPUT_ROLE, NOISE_ROLE
from CTDenoiseScene.voxels import voxels_of
from support.slicer_scene import SlicerScene
from support.worker_bench import WorkerBench

PADDING_HU = -2000
PROVENANCE = Provenance(
    model="tiny",
    version="1.0",
    weights_sha256="0123456789abcdef" * 4,
    context=1,
    device="cpu",
    device_name="a test",
    precision="fp32",
)


def add_result(parts: SlicerScene, input_node: Any, *, strength: float = 0.7, sections: str | None = None) -> Any:
    """Add output and noise, random but for padding, and return the output."""
    voxels = voxels_of(input_node)
    noise = np.random.default_rng(1).integers(-300, 300, voxels.shape).astype(np.int16)
    noise[voxels == PADDING_HU] = 0
    denoised = voxels - np.float32(strength * PROVENANCE.noise_step_hu) * noise
    if voxels.dtype != np.float32:
        denoised = np.rint(denoised)
    matrix = ijk_to_ras(input_node)
    output = parts.add_volume(denoised.astype(voxels.dtype), name="Denoised", ijk_to_ras=matrix)
    noise_node = parts.add_volume(noise, name="Noise", ijk_to_ras=matrix)
    PROVENANCE.store(output)
    output.SetAttribute("CTDenoise.strength", f"{strength:g}")
    output.SetAttribute("CTDenoise.sections", sections or f"0-{len(voxels) - 1}")
    output.SetNodeReferenceID(INPUT_ROLE, input_node.GetID())
    output.SetNodeReferenceID(NOISE_ROLE, noise_node.GetID())
    return output


def input_of(output: Any) -> Any:
    return output.GetNodeReference(INPUT_ROLE)


def noise_of(output: Any) -> Any:
    return output.GetNodeReference(NOISE_ROLE)


def ijk_to_ras(node: Any) -> NDArray[np.float64]:
    """Matrix (4, 4) of a volume node."""
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


class Exporter:
    """Saves results by one worker.

    Args:
        bench: The worker.
        headers: Where DICOM files are known.
        folder: For temporary files.
    """

    def __init__(self, bench: WorkerBench, headers: Any, folder: Path) -> None:
        self.bench = bench
        self.headers = headers
        self.folder = folder

    def start(
        self, node: Any, target: Target, *, on_note: Callable[[str], None] = lambda _: None, **options: Any
    ) -> ExportSession:
        """Begin to save; `options` are those of the session."""
        options = {"headers": self.headers, "temporary_folder": self.folder} | options
        session = ExportSession(self.bench.client, node, target, **options)
        session.note.connect(on_note)
        session.start()
        return session

    def prepare(self, session: ExportSession) -> None:
        """Go on until the worker is asked to write."""
        while session.work(0.01):
            pass
        assert session.state is JobSessionState.WORKING, session.failure

    def finish(self, session: ExportSession) -> ExportSession:
        """Go on to the end."""
        self.bench.wait_until(lambda: (session.work(0.01), session.state.ended)[1])
        return session

    def save(self, node: Any, target: Target, **options: Any) -> ExportSession:
        """Save from start to end."""
        return self.finish(self.start(node, target, **options))
