"""`ctdenoise run`: denoise a series or a volume file."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from .console import AsJson, error_terminal, left_out_lines, print_facts, print_json, terminal
from .progress import run_progress

if TYPE_CHECKING:
    from .summary import RunSummary


class Compression(str, Enum):
    """Of DICOM output; all are lossless."""

    NONE = "none"
    JPEG_LS = "jpeg-ls"
    JPEG_2000 = "jpeg2000"


def denoise(  # noqa: PLR0913 - these are the options of the command
    source: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="Folder with DICOM files, one file of a series, or a volume (.nrrd, .nii.gz, .mha ...).",
        ),
    ],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder for the DICOM series, or a volume file.")],
    *,
    series: Annotated[
        str | None, typer.Option(help="Which series, if there are several: UID, kernel, or number in the listing.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of the model; the first listed by default.")] = None,
    backend: Annotated[str, typer.Option(help="Device: auto, cuda:N, cuda:all, mps or cpu.")] = "auto",
    precision: Annotated[str, typer.Option(help="Inside the network: auto, fp32, bf16 or fp16.")] = "auto",
    strength: Annotated[float, typer.Option(min=0, max=1, help="Share of the noise found that is subtracted.")] = 1.0,
    residual: Annotated[
        Path | None, typer.Option(help="Also write what was subtracted, to a folder or a volume file.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Also write a one-page report, PNG or PDF.")] = None,
    compression: Annotated[Compression, typer.Option(help="Of the DICOM files, lossless.")] = Compression.NONE,
    keep_private: Annotated[bool, typer.Option("--keep-private", help="Keep the source's private attributes.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace older results of ctdenoise.")] = False,
    as_json: AsJson = False,
) -> None:
    """Denoise a CT series or volume. Output appears when everything is done, or not at all."""
    from .request import RunRequest

    request = RunRequest(
        source=source,
        output=output,
        series=series,
        model=model,
        backend=backend,
        precision=precision,
        strength=strength,
        residual=residual,
        report=report,
        compression=compression.value,
        keep_private=keep_private,
        overwrite=overwrite,
    )
    # Imported only now: torch takes seconds to come, and a wrong path is known before.
    from .job import denoise_files

    with run_progress(silent=as_json) as progress:
        summary = denoise_files(request, progress)
    if as_json:
        print_json(summary.content())
    else:
        _print(summary)


def _print(summary: RunSummary) -> None:
    warnings = error_terminal()
    for note in summary.notes:
        warnings.print(f"[yellow]Note:[/yellow] {escape(note)}", soft_wrap=True)
    if summary.source.left_out:
        warnings.print(f"[yellow]Left out,[/yellow] {len(summary.source.left_out)} in all:")
        for line in left_out_lines(summary.source.left_out):
            warnings.print(f"  {escape(line)}", soft_wrap=True)
    facts = [("Input", escape(summary.label))]
    for name, value in summary.facts():
        facts.append((name, escape(value)))
        if name == "Precision":
            facts.append(("", f"[dim]{escape(summary.backend.reason)}[/dim]"))
            facts.append(("Computed", escape(summary.computed)))
    request = summary.request
    for name, path in (("Output", request.output), ("Residual", request.residual), ("Report", request.report)):
        if path is not None:
            facts.append((name, f"[bold]{escape(str(path))}[/bold]"))
    console = terminal()
    print_facts(console, facts)
    console.print("Research use only.")
