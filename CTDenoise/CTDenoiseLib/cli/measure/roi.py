"""`ctdenoise measure roi`: mean, noise, noise reduction and contrast in regions."""

from __future__ import annotations

from typing import Annotated

import typer

from ..console import AsJson
from ..progress import run_progress
from .options import Boxes, Cylinders, Ellipsoids, Images, MarkupsFiles, Output, Overwrite, Plot, Uniform


def measure_regions(  # noqa: PLR0913 - these are the options of the command
    images: Images,
    *,
    box: Boxes = None,
    ellipsoid: Ellipsoids = None,
    cylinder: Cylinders = None,
    markups: MarkupsFiles = None,
    uniform: Uniform = None,
    background: Annotated[
        str | None, typer.Option(metavar="NAME", help="Region that contrast-to-noise ratios (CNR) compare with.")
    ] = None,
    resample: Annotated[
        bool, typer.Option("--resample", help="Interpolate images of other voxels than the first, which lowers noise.")
    ] = False,
    output: Output = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Statistics of regions (ROI), in the identical voxels of all images."""
    # Imported only now: scipy takes its time to come.
    from .answer import Answer
    from .images import load_images
    from .regions import Regions
    from .roi_findings import region_findings

    answer = Answer(output=output, plot=plot, overwrite=overwrite, as_json=as_json)
    regions = Regions.asked_for(boxes=box, ellipsoids=ellipsoid, cylinders=cylinder, markups=markups, uniform=uniform)
    with run_progress(silent=as_json) as progress:
        loaded = load_images(images, progress)
        progress.step("Measuring")
        findings = region_findings(loaded, regions, background=background, resample=resample)
    answer.give(loaded, findings)
