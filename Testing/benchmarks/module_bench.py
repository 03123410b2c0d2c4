"""The module in use: its real panel, its real worker and drawn views, on the stand-in for Slicer's Qt side."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import vtk
from PySide6.QtCore import QEventLoop, QTimer
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseLib.worker.messages import JobProgress
from CTDenoiseScene.comparison import Role
from CTDenoiseScene.visible_sections import visible_sections
from host.dialect import use_dialect
from host.slicer_host import SlicerHost, new_slicer_host
from support.ct_series import anatomy
from support.panel_user import PanelUser
from support.slicer_scene import SlicerScene

from .live_views import LiveViews

use_dialect(__name__)

SELF_TEST_MODELS = Path(__file__).resolve().parents[2] / "CTDenoise" / "Resources" / "SelfTest"
FAST_MODEL = "self-test"
# What is left for the views of a screen of 1920 × 1080 pixels beside the panel.
VIEW_SIZE = (1380, 960)
INPUT_VIEW, OUTPUT_VIEW = Role.INPUT.tag, Role.DENOISED.tag
SECTION_MM = 0.5
_PATTERN = 8
_LOOK_MS = 1


@dataclass(frozen=True)
class WorkerTimes:
    """What the worker said of a run while it was at it."""

    progress: list[JobProgress] = field(default_factory=list)

    @property
    def seconds_per_section(self) -> float:
        """On average, at the end."""
        return 1 / self.progress[-1].sections_per_second

    @property
    def seconds_of_first(self) -> float:
        """From the begin of its work to the end of the first section."""
        return self.progress[0].done / self.progress[0].sections_per_second


class ModuleBench:
    """Slicer with the module's panel open.

    Attributes:
        user: Who uses the panel.
        views: What is on screen.
        runs: What the worker said of each run.
    """

    def __init__(self, host: SlicerHost) -> None:
        self.user = PanelUser(host, spin, host.load_module)
        self.views = LiveViews(host.parts, VIEW_SIZE)
        self.runs: list[WorkerTimes] = []
        self._button: Any = None

    @property
    def parts(self) -> SlicerScene:
        return self.user.host.parts

    def load(self, *, sections: int, side: int) -> Any:
        """Load an exam into memory: body sections with noise, int16, the same few again and again."""
        pattern = anatomy((min(_PATTERN, sections), side, side), noise_hu=30.0).astype(np.int16)
        node = self.parts.add_volume(pattern, name="Exam", spacing=(SECTION_MM, 0.4, 0.4))
        image = vtk.vtkImageData()
        image.SetDimensions(side, side, sections)
        image.AllocateScalars(vtk.VTK_SHORT, 1)
        voxels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(sections, side, side)
        for index in range(sections):
            voxels[index] = pattern[index % len(pattern)]
        node.SetAndObserveImageData(image)
        return node

    def open(self, model: str) -> None:
        """Open the panel, and wait until the worker has loaded the model."""
        self.user.open(model=model, device="cpu")
        self._listen(self.user.client)
        # The user has the button before his eyes; here, each look for it takes long.
        self._button = self.user.ui.applyButton
        spin(lambda: self.user.client.loaded)
        if self.user.parameters.input_volume is not None:
            self.user.wait_until_ready()

    def end_worker(self) -> None:
        """Have no worker, as when the panel was never opened."""
        from CTDenoisePanel.qprocess_transport import running_transports

        self.user.client.quit()
        spin(lambda: not running_transports())

    def choose(self, sections: int | None) -> None:
        """Choose a slab of so many sections, or all."""
        scope = type(self.user.parameters.scope)
        if sections is None:
            self.user.set(scope=scope.ALL)
        else:
            self.user.set(scope=scope.SLAB, slab_slices=sections)

    def apply(self) -> None:
        """Press the button."""
        self._button.click()

    def wait_for_end(self, *, seconds: float = 3600.0) -> None:
        """Wait until the run is over and everything is as it stays."""
        spin(lambda: self._button.text != "Cancel", timeout=seconds)
        spin(seconds=0.5)

    def run(self) -> None:
        """Press the button and wait for the end of the run."""
        self.apply()
        self.wait_for_end()

    def denoise(self, sections: int | None = None) -> None:
        """Denoise a slab of so many sections, or all."""
        self.choose(sections)
        self.run()

    @contextmanager
    def scrolling(self, seconds: float) -> Iterator[None]:
        """Meanwhile, the user scrolls forth and back through 40 slices, one each so many seconds."""
        node = self.views.node(INPUT_VIEW)
        start, steps = node.GetSliceOffset(), cycle([*range(20), *range(20, -20, -1), *range(-20, 0)])
        logic = self.parts.slice_logic(INPUT_VIEW)

        def step() -> None:
            logic.StartSliceOffsetInteraction()
            logic.SetSliceOffset(start + next(steps) * SECTION_MM)
            logic.EndSliceOffsetInteraction()

        timer = QTimer()
        timer.timeout.connect(step)
        timer.start(round(1000 * seconds))
        try:
            yield
        finally:
            timer.stop()

    @contextmanager
    def dragging_strength(self) -> Iterator[Callable[[int], None]]:
        """Meanwhile, the user holds the slider of the strength; gives what moves it to a percentage."""
        widget = self.user.ui.strengthSlider
        slider = widget.slider()
        slider.setSliderDown(True)
        try:
            yield lambda percent: slider.setValue(round(percent / widget.singleStep))
        finally:
            slider.setSliderDown(False)

    def section_on_screen(self) -> int:
        """Index of the section in the views of the comparison."""
        return visible_sections(self.user.output, [self.views.node(OUTPUT_VIEW)])[0]

    def _listen(self, client: Any) -> None:
        """Note what the worker says of each run from now on."""
        denoise = client.denoise

        def noted(request: Any) -> Any:
            job, times = denoise(request), WorkerTimes()
            job.progress.connect(times.progress.append)
            self.runs.append(times)
            return job

        client.denoise = noted


@contextmanager
def module_bench() -> Iterator[ModuleBench]:
    """A Slicer that was just started, for as long as it is needed."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CTDENOISE_MODELS", str(SELF_TEST_MODELS))
        with new_slicer_host(patch, Path(folder)) as host:
            bench = ModuleBench(host)
            try:
                yield bench
            finally:
                bench.views.close()
        for complaint in host.complaints():
            print(complaint, file=sys.stderr)


def spin(until: Callable[[], Any] = lambda: False, *, timeout: float = 60.0, seconds: float | None = None) -> None:
    """Run the event loop until something is true, or for some seconds.

    Raises:
        TimeoutError: It was not true in time.
    """
    deadline = time.monotonic() + (timeout if seconds is None else seconds)
    loop, errors = QEventLoop(), []

    def look() -> None:
        try:
            if until() or time.monotonic() > deadline:
                loop.quit()
        except Exception as error:
            errors.append(error)
            loop.quit()

    watch = QTimer()
    watch.timeout.connect(look)
    watch.start(_LOOK_MS)
    loop.exec()
    watch.stop()
    if errors:
        raise errors[0]
    if seconds is None and not until():
        raise TimeoutError(f"Nothing came of it within {timeout:g} s.")
