"""`ctdenoise measure ttf`: how sharp an image is, at a rod or a straight edge, and what can be detected in it."""

from __future__ import annotations

from typing import Annotated

import typer

from ..console import AsJson
from ..progress import run_progress
from .options import Images, Output, Overwrite, Plot


def measure_transfer(  # noqa: PLR0913 - these are the options of the command
    images: Images,
    *,
    disc: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]X,Y,Z:DIAMETER",
            help="Rod across the sections: place (LPS) and diameter in mm; DIAMETER alone has one found. Repeatable.",
        ),
    ] = None,
    edge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]X,Y,Z:DX,DY,DZ",
            help="Box in mm that one straight edge crosses, 2° to 10° off the rows or columns. Repeatable.",
        ),
    ] = None,
    depth: Annotated[
        float, typer.Option(min=0, help="Average the sections of a rod within so many mm; one section by default.")
    ] = 0.0,
    reach: Annotated[
        float | None, typer.Option(min=0, help="How far from the edge to look in mm; less keeps neighbours out.")
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DIAMETER,CONTRAST",
            help="Also the detectability index d′ of a disc of so many mm and HU; needs --nps-box. Repeatable.",
        ),
    ] = None,
    nps_box: Annotated[
        list[str] | None,
        typer.Option(metavar="X,Y,Z:DX,DY,DZ", help="Uniform box in mm to take the noise of d′ from. Repeatable."),
    ] = None,
    viewing: Annotated[
        str, typer.Option(metavar="MM,ZOOM", help="Viewing distance in mm, and size on the display over true size.")
    ] = "500,1",
    output: Output = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Task transfer function (TTF) with f50 and f10, and the detectability index of discs."""
    # Imported only now: scipy takes its time to come.
    from .answer import Answer
    from .edges import edges_asked_for
    from .images import load_images
    from .tasks import tasks_asked_for
    from .ttf_findings import transfer_findings

    answer = Answer(output=output, plot=plot, overwrite=overwrite, as_json=as_json)
    edges = edges_asked_for(discs=disc or (), boxes=edge or (), depth_mm=depth, reach_mm=reach)
    tasks = tasks_asked_for(task or (), noise_boxes=nps_box or (), viewing=viewing)
    with run_progress(silent=as_json) as progress:
        loaded = load_images(images, progress)
        findings = transfer_findings(loaded, edges, tasks, progress)
    answer.give(loaded, findings)
