"""Options that the commands of `ctdenoise measure` share, each explained in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

IMAGE_HELP = (
    "Folder with DICOM files (FOLDER#SERIES if it holds several: UID, kernel or number in the listing), one file of a "
    "series, or a volume (.nrrd, .nii.gz, .mha ...). NAME= before it is what tables call it."
)

Images = Annotated[list[str], typer.Argument(metavar="IMAGE...", help=f"{IMAGE_HELP} The first is compared with.")]

Boxes = Annotated[
    list[str] | None,
    typer.Option(
        "--box",
        metavar="[NAME=]X,Y,Z:DX,DY,DZ",
        help="Region: centre (LPS) and edges of a box in mm; 0 for one section. Repeatable.",
    ),
]
Ellipsoids = Annotated[
    list[str] | None,
    typer.Option(
        "--ellipsoid", metavar="[NAME=]X,Y,Z:DX,DY,DZ", help="Region: centre and diameters of an ellipsoid, likewise."
    ),
]
Cylinders = Annotated[
    list[str] | None,
    typer.Option(
        "--cylinder",
        metavar="[NAME=]X,Y,Z:DIAMETER,HEIGHT",
        help="Region: a cylinder along z; of height 0 a disc in one section. Repeatable.",
    ),
]
MarkupsFiles = Annotated[
    list[Path] | None, typer.Option("--markups", metavar="FILE", help="Markups of 3D Slicer (.mrk.json). Repeatable.")
]
Uniform = Annotated[
    str | None,
    typer.Option(metavar="N[:SIDE]", help="Find N uniform squares in the first image; of 15 mm, or of another side."),
]

Output = Annotated[
    Path | None, typer.Option(help="Also write a file: .csv for the figures, .json for all there is to know.")
]
Plot = Annotated[Path | None, typer.Option(help="Also draw a plot, PNG or PDF.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace older files of these names.")]
