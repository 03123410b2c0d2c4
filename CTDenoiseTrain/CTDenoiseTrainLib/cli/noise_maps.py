"""`ctdenoise noise-maps`: the noise of reconstructions as volumes, and whether anatomy hides in it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from CTDenoiseLib.cli.console import AsJson, error_terminal, print_facts, print_json, terminal
from CTDenoiseLib.cli.progress import RunProgress, run_progress

from .series_option import MEMORY_GB, SERIES_HELP, NamedSeries, named_series

if TYPE_CHECKING:
    from ..noise.leakage import Leakage


class Method(str, Enum):
    """How noise maps are made."""

    RECONSTRUCTIONS = "reconstructions"
    ADJACENT = "adjacent-sections"
    REPEATED = "repeated-scans"


@dataclass(frozen=True)
class _Written:
    """What was written, and what there is to know about it."""

    files: tuple[str, ...]
    leakage: Leakage
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def write_noise_maps(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE...",
            help=f"Filtered back-projection, then iterative reconstruction, or what METHOD says. {SERIES_HELP}",
        ),
    ],
    output: Annotated[Path, typer.Option(help="Folder for the maps (.nrrd), new or empty.")],
    *,
    method: Annotated[
        Method,
        typer.Option(
            metavar="METHOD",
            help="What is subtracted: reconstructions (two of one scan), adjacent-sections (of one series) or "
            "repeated-scans (two or more of one object).",
        ),
    ] = Method.RECONSTRUCTIONS,
    apart: Annotated[int, typer.Option(min=1, help="How many sections apart adjacent-sections subtracts.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Make maps of the noise of images, and say whether anatomy hides in them."""
    series = [named_series(image) for image in images]
    # Imported only now: scipy takes a second to come, and a wrong path is known before.
    from CTDenoiseLib.atomic import folder_in_the_making

    from ..noise.make_noise_maps import check_count

    check_count(method.value, len(series))
    with (
        folder_in_the_making(output) as folder,
        # Large series are read into files there, which Windows removes only when no volume is left in them.
        tempfile.TemporaryDirectory(dir=folder, prefix="reading-") as scratch,
        run_progress(silent=as_json) as progress,
    ):
        written = _write(series, method, apart, folder=folder, scratch=Path(scratch), progress=progress)
    if as_json:
        print_json(_content(written, output))
    else:
        _print(written, output)


def _write(  # noqa: PLR0913 - what, how, where, and who watches
    series: Sequence[NamedSeries], method: Method, apart: int, *, folder: Path, scratch: Path, progress: RunProgress
) -> _Written:
    """Make the maps and write them into a folder."""
    from CTDenoiseLib.volume_stream import write_sections

    from ..noise.make_noise_maps import make_noise_maps
    from ..pairs.opening import subjects_of
    from ..pairs.read_cases import CaseReader
    from ..pairs.volume_cache import VolumeCache

    progress.step("Reading")
    reader = CaseReader(Path.cwd(), scratch=scratch, memory_gb=MEMORY_GB)
    read = [reader.read(one.file, one.name or f"image {number}") for number, one in enumerate(series, start=1)]
    progress.step("Subtracting")
    files = []
    with VolumeCache(scratch, memory_gb=MEMORY_GB).scratch() as allocate:
        made = make_noise_maps(
            method.value,
            [one.volume for one in read],
            subjects=subjects_of(read),
            apart=apart,
            allocate=allocate,
        )
        progress.step("Writing")
        for number, noise_map in enumerate(made.maps, start=1):
            end = f"-{number}.nrrd" if len(made.maps) > 1 else ".nrrd"
            for part, values in (("noise", noise_map.noise), ("weight", noise_map.weight)):
                write_sections(
                    values, folder / f"{part}{end}", shape=values.shape, dtype="float32", geometry=made.geometry
                )
                files.append(f"{part}{end}")
    return _Written(tuple(files), made.leakage, made.facts, made.warnings)


def _content(written: _Written, output: Path) -> dict[str, object]:
    leakage = written.leakage
    return {
        "folder": str(output),
        "files": list(written.files),
        "leakage": {
            "level": leakage.level,
            "correlation": leakage.correlation,
            "error": leakage.error,
            "edge_ratio": leakage.edge_ratio,
            "noise_hu": leakage.noise_hu,
            "sentence": leakage.sentence,
        },
        "facts": [list(fact) for fact in written.facts],
        "warnings": list(written.warnings),
    }


def _print(written: _Written, output: Path) -> None:
    for warning in written.warnings:
        error_terminal().print(f"[yellow]Note:[/yellow] {escape(warning)}", soft_wrap=True)
    console = terminal()
    facts = [*written.facts, ("Written", f"{', '.join(written.files)} in {output}")]
    print_facts(console, ((name, escape(value)) for name, value in facts))
    console.print("The noise is in HU; the weight is 1 where it is noise alone, and 0 where anatomy may hide in it.")
    console.print("Research use only.")
