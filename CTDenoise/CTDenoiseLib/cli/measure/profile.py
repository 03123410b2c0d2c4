"""`ctdenoise measure profile`: HU along lines and curves, and how sharp the edges are that they cross."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from ..console import AsJson
from ..progress import run_progress
from .options import Images, MarkupsFiles, Output, Overwrite, Plot


class Interpolation(str, Enum):
    """Between voxel centres."""

    LINEAR = "linear"
    CUBIC = "cubic"


def measure_profile(  # noqa: PLR0913 - these are the options of the command
    images: Images,
    *,
    start: Annotated[str | None, typer.Option("--from", metavar="X,Y,Z", help="Start of a line in mm (LPS).")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="X,Y,Z", help="Its end.")] = None,
    markups: MarkupsFiles = None,
    width: Annotated[float, typer.Option(min=0, help="Average over so many mm across the line.")] = 0.0,
    interpolation: Annotated[Interpolation, typer.Option(help="Between voxel centres.")] = Interpolation.LINEAR,
    output: Output = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Line profiles through all images, with FWHM, edge distance, edge slope and peak contrast."""
    # Imported only now: scipy takes its time to come.
    from ...measure.profiles.profile import ProfileSettings
    from .answer import Answer
    from .images import load_images
    from .lines import lines_asked_for
    from .profile_findings import profile_findings

    answer = Answer(output=output, plot=plot, overwrite=overwrite, as_json=as_json)
    lines = lines_asked_for(start=start, end=end, markups=markups)
    settings = ProfileSettings(interpolation=interpolation.value, width_mm=width)
    with run_progress(silent=as_json) as progress:
        loaded = load_images(images, progress)
        findings = profile_findings(loaded, lines, settings)
    answer.give(loaded, findings)
