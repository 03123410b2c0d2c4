"""Fixtures of tests on the stand-in for Slicer's Qt side; Testing/panel/conftest.py says how to use them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("slicer", reason="Needs slicer-core, 3D Slicer's own scene as a Python package.")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6.QtUiTools", reason="Needs PySide6, which stands for Slicer's Qt.", exc_type=ImportError)

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from .dialect import speak_slicers_dialect, use_dialect
from .slicer_host import LoadedModule, SlicerHost, new_slicer_host


@pytest.fixture(autouse=True)
def slicer_dialect(request: pytest.FixtureRequest) -> None:
    """The test's own module speaks Slicer's dialect of Qt."""
    speak_slicers_dialect()
    use_dialect(request.module.__name__)


@pytest.fixture
def slicer_host(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlicerHost]:
    """A Slicer that was just started; fails the test for errors that nobody would have seen."""
    with new_slicer_host(monkeypatch, tmp_path_factory.mktemp("slicer")) as host:
        yield host
    if host.complaints():
        pytest.fail("\n".join(host.complaints()))


@pytest.fixture
def load_module(slicer_host: SlicerHost) -> Callable[..., LoadedModule]:
    """Loads modules; see `SlicerHost.load_module`."""
    return slicer_host.load_module


@pytest.fixture
def spin() -> Callable[..., None]:
    """Runs the event loop until something is true, or for some seconds."""

    def run(until: Callable[[], Any] = lambda: False, *, timeout: float = 10.0, seconds: float | None = None) -> None:
        if not run_event_loop(until, timeout if seconds is None else seconds) and seconds is None:
            pytest.fail(f"Nothing came of it within {timeout:g} s.")

    return run


@pytest.fixture
def grab() -> Callable[[QWidget, Path], Path]:
    """Saves a picture of a widget as PNG, and returns its path."""

    def save(widget: QWidget, path: Path) -> Path:
        QApplication.processEvents()
        assert widget.grab().save(str(path)), f"{path} was not written."
        return path

    return save


def run_event_loop(until: Callable[[], Any], seconds: float) -> bool:
    """Runs the event loop, which sleeps between events, until something is true or the time is over."""
    loop, answer, errors = QEventLoop(), [False], []

    def look() -> None:
        try:
            answer[0] = bool(until())
        except BaseException as error:
            errors.append(error)
        if answer[0] or errors:
            loop.quit()

    watch = QTimer()
    watch.timeout.connect(look)
    watch.start(5)
    QTimer.singleShot(round(1000 * seconds), loop, loop.quit)
    look()
    if not answer[0] and not errors:
        loop.exec()
    watch.stop()
    if errors:
        raise errors[0]
    return answer[0]
