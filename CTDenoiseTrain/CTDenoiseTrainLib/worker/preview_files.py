"""Whole validation sections as files for the views, replaced as the network learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.atomic import file_in_the_making

from ..validation.validator import Preview
from .messages import PreviewReady


def write_preview(folder: Path, preview: Preview, *, job: int, epoch: int) -> PreviewReady:
    """Put new sections in place of the old; each file is there whole at any moment.

    Args:
        folder: Where the files lie; made with the first.
        preview: The sections.
        job: Number of the job that shows them.
        epoch: Whose network made them.

    Raises:
        WriteFailedError: The disk is full, or on Windows a reader has one of the files open.
    """
    return PreviewReady(
        job,
        input=_write(folder / "input.npy", preview.input),
        now=_write(folder / "now.npy", preview.now),
        target=None if preview.target is None else _write(folder / "target.npy", preview.target),
        spacing=preview.spacing,
        epoch=epoch,
    )


def _write(path: Path, hu: NDArray[np.float32]) -> str:
    with file_in_the_making(path, overwrite=True) as made:
        np.save(made, np.ascontiguousarray(hu, dtype=np.float32))
    return str(path)
