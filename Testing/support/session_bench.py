"""Denoise sessions in a real scene with a real worker, and results as a session leaves them, made without a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.worker.section_file import SectionFile
from CTDenoiseLib.worker.workplace import Workplace
from CTDenoiseScene.denoise_session import DenoiseSession, DenoiseSettings
from CTDenoiseScene.mapped_volume import MappedVolume
from CTDenoiseScene.provenance import Provenance
from CTDenoiseScene.result_nodes import Product, make_results
from CTDenoiseScene.results import Results
from CTDenoiseScene.strength import StrengthControl
from CTDenoiseScene.voxels import voxels_of

from .slicer_scene import SlicerScene
from .worker_bench import WorkerBench

PROVENANCE = Provenance(
    model="tiny",
    version="1.0",
    weights_sha256="0" * 64,
    context=1,
    device="cpu",
    device_name="A processor",
    precision="fp32",
)


class SessionBench:
    """Runs sessions in one scene.

    Args:
        parts: The scene.
        worker: Delivers what the worker says while a test waits.
        workplace: For the files of the runs.
        model_folder: Holds the model “tiny”.
    """

    def __init__(self, parts: SlicerScene, worker: WorkerBench, workplace: Workplace, model_folder: Path) -> None:
        self.parts = parts
        self.worker = worker
        self.workplace = workplace
        self.model_folder = model_folder
        self.sessions: list[DenoiseSession] = []

    @property
    def files(self) -> set[str]:
        """What the maps in the workplace are for: "input", "noise", "output"."""
        return {path.stem.partition("-")[2] for path in self.workplace.path.glob("*.npy")}

    def session(self, node: Any, **settings: Any) -> DenoiseSession:
        """A session for a node, not started yet."""
        chosen = {"model_folder": self.model_folder, "model_name": "tiny", "device": "cpu", "precision": "fp32"}
        session = DenoiseSession(
            self.parts.scene,
            self.worker.client,
            node,
            DenoiseSettings(**(chosen | settings)),
            workplace=self.workplace,
        )
        self.sessions.append(session)
        return session

    def wait_until(self, condition: Callable[[], object]) -> None:
        """Do what a timer and the event loop do until something is true."""

        def after_a_tick() -> object:
            for session in self.sessions:
                session.work(0.005)
            return condition()

        self.worker.wait_until(after_a_tick)

    def finish(self, session: DenoiseSession) -> DenoiseSession:
        """Work until the session has ended and nothing is left to do."""
        self.wait_until(lambda: session.state.ended)
        while session.work(0.01):
            pass
        return session

    def run(self, node: Any, visible: Iterable[int] = (), **settings: Any) -> DenoiseSession:
        """Start a session and wait for its end."""
        session = self.session(node, **settings)
        session.start(visible)
        return self.finish(session)

    def close(self) -> None:
        """Close what the test left open."""
        for session in self.sessions:
            session.close()
        self.workplace.close()


def make_result(
    parts: SlicerScene,
    workplace: Workplace,
    node: Any,
    noise: NDArray[np.int16],
    *,
    model: str = "tiny",
    replaces: bool = False,
) -> Results:
    """A result of which all sections are denoised but none is shown yet.

    Args:
        parts: The scene.
        workplace: For its files.
        node: The input.
        noise: In tenths of a HU, shape (z, y, x).
        model: Name of the model.
        replaces: Whether it takes the place of the latest result.
    """
    voxels = voxels_of(node)
    dtype = np.float32 if voxels.dtype.kind == "f" else np.int16
    name = time.perf_counter_ns()
    paths = [
        workplace.create_map(f"{name}-{what}", shape=noise.shape, dtype=kind)
        for what, kind in (("noise", np.int16), ("output", dtype))
    ]
    file = SectionFile(paths[0], writable=True)
    for index, section in enumerate(noise):
        file.write(index, section)
    file.close()
    product = Product(
        noise=MappedVolume(paths[0]),
        output=MappedVolume(paths[1]),
        provenance=replace(PROVENANCE, model=model),
        strength=1.0,
    )
    results = make_results(parts.scene, node, product, replace=replaces)
    results.output.SetAttribute("CTDenoise.sections", f"0-{len(noise) - 1}")
    return results


def work_off(control: StrengthControl) -> None:
    """Work until nothing is left to do."""
    while control.work(0.01):
        pass
