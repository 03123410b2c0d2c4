"""Whole validation sections as files for the views, replaced as the network learns."""

from __future__ import annotations

from pathlib import Path

from ..validation.validator import Preview
from .messages import PreviewReady
from .view_file import write_view_file


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
        input=write_view_file(folder / "input.npy", preview.input),
        now=write_view_file(folder / "now.npy", preview.now),
        target=None if preview.target is None else write_view_file(folder / "target.npy", preview.target),
        spacing=preview.spacing,
        epoch=epoch,
    )
