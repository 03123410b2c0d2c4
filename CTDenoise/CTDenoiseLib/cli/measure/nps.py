"""`ctdenoise measure nps`: how strong noise is at each spatial frequency."""

from __future__ import annotations

from typing import Annotated

import typer

from ..console import AsJson
from ..progress import run_progress
from .options import IMAGE_HELP, Boxes, Cylinders, Images, MarkupsFiles, Output, Overwrite, Plot, Uniform


def measure_noise_power(  # noqa: PLR0913 - these are the options of the command
    images: Images,
    *,
    box: Boxes = None,
    cylinder: Cylinders = None,
    markups: MarkupsFiles = None,
    uniform: Uniform = None,
    repeat: Annotated[
        list[str] | None,
        typer.Option(
            metavar="IMAGE",
            help=f"Repeated scan, to take the noise of the difference; one for each image. {IMAGE_HELP}",
        ),
    ] = None,
    side: Annotated[
        int | None, typer.Option(min=8, metavar="PIXELS", help="Side of the squares; else what fits, 64 at most.")
    ] = None,
    detrend: Annotated[
        int | None,
        typer.Option(min=0, max=2, help="Order of the surface taken from each square: 2; of repeats the mean, 0."),
    ] = None,
    output: Output = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Noise power spectrum (NPS) of uniform regions, from the same half-overlapping squares of all images."""
    # Imported only now: scipy takes its time to come.
    from .answer import Answer
    from .images import load_images
    from .nps_findings import check_repeats, noise_power_findings
    from .regions import Regions

    answer = Answer(output=output, plot=plot, overwrite=overwrite, as_json=as_json)
    regions = Regions.asked_for(boxes=box, cylinders=cylinder, markups=markups, uniform=uniform)
    repeats = check_repeats(images, repeat or ())
    with run_progress(silent=as_json) as progress:
        loaded = load_images([*images, *repeats], progress)
        progress.step("Measuring")
        findings = noise_power_findings(
            loaded[: len(images)], regions, repeats=loaded[len(images) :], side=side, detrend=detrend
        )
    answer.give(loaded, findings)
