"""The module's panel under test: the real .ui and the real widget code, on a small stand-in for Slicer's Qt side.

Fixtures (defined in `host.fixtures`):

`slicer_host`
    A 3D Slicer without its desktop program (`host.slicer_host.SlicerHost`). While a test runs, `qt`, `ctk`,
    `slicer.app`, `slicer.mrmlScene`, `slicer.util`, `slicer.i18n`, `slicer.ScriptedLoadableModule`,
    `slicer.parameterNodeWrapper`, `slicer.packaging`, `slicer.dicomDatabase`, `slicer.modules`, `DICOMLib`,
    `SampleData` and `PyTorchUtils` work; afterwards all of it is gone again, and so are the product's modules that used
    it. Scene, MRML nodes, logics, `slicer.util` and `QProcess` are the real ones. It offers:

    `.parts`        the scene and its logics (`support.slicer_scene.SlicerScene`): `.parts.add_volume(...)`,
                    `.parts.close()`, `.parts.save(path)`, `.parts.open(path)`
    `.app`          `slicer.app`; `.app.testing = True` as if Slicer was started with --testing
    `.main_window`  Slicer's main window, which holds the panel
    `.user`         who looks at the screen (`host.user.User`):
        `.user.messages`        message boxes shown: `Message(icon, title, text, details, buttons, answer)`
        `.user.answer("No")`    queues the button to press in the next message box. A box with one button needs none. A
                                question without a queued answer is answered as Escape does and fails the test at its
                                end; so does an answer that nobody asked for.
        `.user.choose_path(p)`  queues the path to pick in the next file dialog, "" for Cancel
    `.packages`     Slicer's Python (`host.packages.Packages`): `.packages.remove("torch")` makes a package missing for
                    `import` and `importlib.metadata` until pip "installs" it, `.packages.commands` are the calls of
                    pip, `.packages.failure = error` is what pip raises. `.packages.remove("PyTorchUtils")`: the PyTorch
                    extension is missing.
    `.database`     `slicer.dicomDatabase`: `.database.add_folder(path)`
    `.sample_data`  `.sample_data.sources` is what was registered in the module SampleData, keyword by keyword
    `.errors`       exceptions that left a slot or an observer; any left at the end fail the test
                    (`slicer_host.errors.clear()` where one is expected: `slicer.util.tryWithErrorDisplay` raises again
                    what it has shown)

`load_module("CTDenoise")`
    Loads the module file as Slicer does and returns `LoadedModule(module, widget, window)`: the Python module, the
    widget with `setup()` done and entered (`enter()`), in a real top-level window. `exit()` and `cleanup()` are called
    at the end of the test, or by `slicer_host.close_module(loaded)`. With `entered=False` the test calls `enter()`
    itself; with `main_window=False` Slicer has no main window. Product modules that import `qt` can be imported only
    inside tests and fixtures that use `slicer_host`: each test gets its own.

`spin(until, timeout=10)`
    Runs the event loop until `until()` is true, and fails the test after `timeout` seconds. `spin(seconds=0.2)` runs it
    for that long.

`grab(widget, path)`
    Saves a picture (PNG) of a widget, at the size it has or asks for.

Test modules here speak Slicer's dialect of Qt: `button.enabled`, `label.text`, `button.toolTip`, `button.click()`. A
widget is found by `slicer.util.findChild(window, "strengthSlider")`; the parts of a `ctkSliderWidget` are `.slider()`
and `.spinBox()`, the combo box in a `qMRMLNodeComboBox` is `.comboBox()`. An attribute that a widget does not have
(`label.tooltip`) fails the test, as it would in Slicer. What Slicer's views show is rendered by
`support.slice_views.render_layout(slicer_host.parts, path=...)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from CTDenoiseLib.worker import transport
from host.fixtures import grab, load_module, slicer_dialect, slicer_host, spin
from support import warm_workers
from support.panel_user import PanelUser

__all__ = ["grab", "load_module", "slicer_dialect", "slicer_host", "spin"]


@pytest.fixture(scope="session")
def all_warm_workers() -> Iterator[warm_workers.WarmWorkers | None]:
    """Where workers of the tests come from; `None` where each has to start by itself."""
    if not warm_workers.POSSIBLE:
        yield None
        return
    started = warm_workers.WarmWorkers(
        "CTDenoiseLib.worker.loaded_model",
        "CTDenoiseLib.worker.audit_result",
        "CTDenoiseLib.worker.denoise_job",
        "CTDenoiseLib.worker.measure_retention",
        "CTDenoiseLib.worker.server",
        "CTDenoiseLib.worker.write_report",
        "CTDenoiseLib.worker.write_series",
        "CTDenoiseTrainLib.worker.keep_job",
        "CTDenoiseTrainLib.worker.look_job",
        "CTDenoiseTrainLib.worker.train_job",
    )
    yield started
    started.close()


@pytest.fixture
def quick_workers(all_warm_workers, monkeypatch) -> None:
    """Workers of this test start quickly (`support.warm_workers`)."""
    if all_warm_workers is not None:
        monkeypatch.setattr(transport, "worker_command", all_warm_workers.command)


@pytest.fixture
def users_models(small_model, monkeypatch) -> None:
    """The user has the model “tiny”."""
    monkeypatch.setenv("CTDENOISE_MODELS", str(small_model))


@pytest.fixture
def panel(slicer_host, load_module, spin, users_models, quick_workers) -> PanelUser:
    """The panel in the hands of a user (`support.panel_user`), who has the model “tiny”; to be opened by the test."""
    return PanelUser(slicer_host, spin, load_module)


@pytest.fixture
def pair(panel: PanelUser) -> tuple[Any, Any]:
    """A smooth and a sharp volume, chosen by the user; nothing is denoised."""
    smooth, sharp = panel.add_ct(noise_hu=5.0, name="Br56"), panel.add_ct(noise_hu=40.0, name="Qr89")
    panel.open(input_volume=sharp, smooth_volume=smooth)
    return smooth, sharp
