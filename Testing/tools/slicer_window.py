"""Pictures of Slicer's window with the module's panel: the panel is the real one, the views are Slicer's own."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matplotlib as mpl
import pytest
from PIL import Image, ImageOps

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QFont, QFontDatabase, QPixmap
from PySide6.QtWidgets import QApplication

from host.dialect import use_dialect
from host.fixtures import run_event_loop
from host.slicer_host import new_slicer_host
from support.panel_user import PanelUser
from support.slice_views import render_layout

use_dialect(__name__)

# The same on every machine that runs this.
_FONT = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
_FONT_PIXELS = 12
_FRAME = 2  # pixels around the area in which the panel scrolls, both sides together
_MOST_BYTES = 400_000


@contextmanager
def open_slicer() -> Iterator[PanelUser]:
    """Slicer that was just started, in the hands of a user; the panel is not open yet."""
    application = QApplication.instance() or QApplication(["Slicer"])
    application.setStyle("Fusion")
    families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(_FONT)))
    font = QFont(families)
    font.setPixelSize(_FONT_PIXELS)
    application.setFont(font)
    with (
        TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        new_slicer_host(patch, Path(folder)) as host,
    ):
        yield PanelUser(host, spin, host.load_module)
    if host.complaints():
        raise RuntimeError("\n".join(host.complaints()))


def spin(until: Callable[[], Any] = lambda: False, *, timeout: float = 300.0, seconds: float | None = None) -> None:
    """Run the event loop until something is true, or for some seconds."""
    if not run_event_loop(until, timeout if seconds is None else seconds) and seconds is None:
        raise TimeoutError(f"Nothing came of it within {timeout:g} s.")


def panel_picture(user: PanelUser, *, width: int, scale: float, height: int | None = None) -> Image.Image:
    """The panel from its top.

    Args:
        user: Who has it open.
        width: Of the panel, in pixels of a plain screen.
        scale: Pixels of the picture for each of those, as on a screen of high resolution.
        height: Of the picture, in pixels of a plain screen; by default all of the panel.
    """
    panel, window = user.loaded.widget.parent, user.loaded.window
    # It would come before it is needed.
    window.centralWidget().currentWidget().setVerticalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
    for _ in range(2):  # texts wrap by the width, and may have changed since the last picture
        window.resize(width, height or panel.layout().totalHeightForWidth(width - _FRAME) + _FRAME)
        spin(seconds=0.05)
    pixmap = QPixmap(round(width * scale), round(window.height * scale))
    pixmap.setDevicePixelRatio(scale)
    window.render(pixmap)
    buffer = QBuffer()
    pixmap.save(buffer, "PNG")
    return Image.open(io.BytesIO(buffer.data().data())).convert("RGB")


def views_picture(user: PanelUser, size: tuple[int, int], *, scale: float = 1.0) -> Image.Image:
    """The views on screen.

    Args:
        user: Who looks at them.
        size: Width and height of all of them together, in pixels of a plain screen.
        scale: As for `panel_picture`.
    """
    width, height = (round(side * scale) for side in size)
    return Image.fromarray(render_layout(user.host.parts, size=(width, height), scale=scale))


def window_picture(user: PanelUser, size: tuple[int, int], *, panel_width: int, scale: float = 1.0) -> Image.Image:
    """Slicer's window below its tool bars, panel on the left and views on the right; sizes as for `views_picture`."""
    panel = panel_picture(user, width=panel_width, scale=scale, height=size[1])
    views = views_picture(user, (size[0] - panel_width, size[1]), scale=scale)
    picture = Image.new("RGB", (panel.width + views.width, panel.height))
    picture.paste(panel)
    picture.paste(views, (panel.width, 0))
    return picture


def save(picture: Image.Image, path: Path) -> None:
    """Write a small PNG: in 64 steps from black to white, the noise of CT looks the same in two thirds of the space.

    Raises:
        RuntimeError: It is too large for a repository all the same.
    """
    few = ImageOps.posterize(picture, 6)
    few.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > _MOST_BYTES:
        raise RuntimeError(f"{path.name} has {path.stat().st_size} bytes, more than {_MOST_BYTES}.")
