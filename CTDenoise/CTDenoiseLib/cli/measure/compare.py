"""`ctdenoise measure compare`: how alike images are to a reference, voxel by voxel."""

from __future__ import annotations

from typing import Annotated

import typer

from ..console import AsJson
from ..progress import run_progress
from .options import IMAGE_HELP, Output, Overwrite, Plot


def compare_images(  # noqa: PLR0913 - these are the options of the command
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help=f"What is taken for true. {IMAGE_HELP}")],
    others: Annotated[list[str], typer.Argument(metavar="OTHER...", help="What is judged, of the same voxels.")],
    *,
    window: Annotated[
        str | None, typer.Option(metavar="WIDTH,LEVEL", help="Clip both to this window first, such as 400,40.")
    ] = None,
    output: Output = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """RMSE, PSNR, SSIM and NRMSE of images against a reference, with the window and range they were taken for."""
    # Imported only now: scipy takes its time to come.
    from .answer import Answer
    from .compare_findings import similarity_findings, window_limits
    from .images import load_images

    answer = Answer(output=output, plot=plot, overwrite=overwrite, as_json=as_json)
    limits = window_limits(window)
    with run_progress(silent=as_json) as progress:
        loaded = load_images([reference, *others], progress)
        findings = similarity_findings(loaded[0], loaded[1:], limits, progress)
    answer.give(loaded, findings)
