"""`ctdenoise measure noise-level`: the noise of all soft tissue, without a region drawn by anybody."""

from __future__ import annotations

from typing import Annotated

import typer

from ..console import AsJson
from ..progress import run_progress
from .options import Images, Output, Overwrite, Plot


def measure_noise_level(  # noqa: PLR0913 - these are the options of the command
    images: Images,
    *,
    tissue: Annotated[
        str | None,
        typer.Option(metavar="LOW,HIGH", help="HU of the tissue once noise is smoothed away; else soft tissue."),
    ] = None,
    output: Output = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Global noise level: the most frequent local standard deviation in the soft tissue of the first image."""
    # Imported only now: scipy takes its time to come.
    from .answer import Answer
    from .images import load_images
    from .noise_level_findings import noise_level_findings, tissue_range

    answer = Answer(output=output, plot=plot, overwrite=overwrite, as_json=as_json)
    between = tissue_range(tissue)
    with run_progress(silent=as_json) as progress:
        loaded = load_images(images, progress)
        progress.step("Measuring")
        findings = noise_level_findings(loaded, between)
    answer.give(loaded, findings)
