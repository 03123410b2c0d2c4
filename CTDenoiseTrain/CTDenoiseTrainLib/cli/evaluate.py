"""`ctdenoise evaluate`: what a model does to images, with or without clean counterparts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from CTDenoiseLib.cli.console import AsJson, error_terminal, plain_table, print_facts, print_json, terminal
from CTDenoiseLib.cli.progress import RunProgress, run_progress

from ..errors import RecipeError
from .series_option import MEMORY_GB, SERIES_HELP, NamedSeries, named_series

if TYPE_CHECKING:
    from CTDenoiseLib.inference import Backend
    from CTDenoiseLib.models import ModelCard

    from ..validation.before_after import BeforeAfter
    from ..validation.evaluate_model import EvaluatedVolume


@dataclass(frozen=True)
class _Evaluation:
    """A finished evaluation."""

    card: ModelCard
    backend: Backend
    table: BeforeAfter
    notes: tuple[str, ...]


def evaluate_model(  # noqa: PLR0913 - these are the options of the command
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model, as listed.")],
    *,
    noisy: Annotated[
        list[str],
        typer.Option(metavar="IMAGE", help=f"To denoise. {SERIES_HELP} NAME= before it is what it is called."),
    ],
    clean: Annotated[
        list[str] | None,
        typer.Option(metavar="IMAGE", help="The same voxels with less noise; as many as --noisy, in the same order."),
    ] = None,
    sections: Annotated[
        int | None, typer.Option(min=1, help="At most so many of each image, evenly spread; all by default.")
    ] = None,
    backend: Annotated[str, typer.Option(help="Device: auto, cuda:N, cuda:all, mps or cpu.")] = "auto",
    precision: Annotated[str, typer.Option(help="Inside the network: auto, fp32, bf16 or fp16.")] = "auto",
    as_json: AsJson = False,
) -> None:
    """Measure what a model does to images: noise, edges, HU, and the error where clean images are given."""
    if clean and len(clean) != len(noisy):
        raise RecipeError(f"There are {len(noisy)} × --noisy and {len(clean)} × --clean; name one for each.")
    series = [named_series(image) for image in noisy]
    counterparts = [named_series(image) for image in clean or ()]
    with (
        run_progress(silent=as_json) as progress,
        tempfile.TemporaryDirectory(prefix="ctdenoise-", ignore_cleanup_errors=True) as scratch,
    ):
        found = _evaluate(
            model,
            series,
            counterparts,
            device=(backend, precision),
            sections=sections,
            scratch=Path(scratch),
            progress=progress,
        )
    if as_json:
        print_json(_content(found))
    else:
        _print(found)


def _evaluate(  # noqa: PLR0913 - what, on what, how, where, and who watches
    model: str,
    series: Sequence[NamedSeries],
    counterparts: Sequence[NamedSeries],
    *,
    device: tuple[str, str],
    sections: int | None,
    scratch: Path,
    progress: RunProgress,
) -> _Evaluation:
    from CTDenoiseLib.models import ModelStore

    store = ModelStore.default()
    card = store.card(model)
    # Imported only now: torch takes seconds to come, and a wrong name is known before.
    from CTDenoiseLib.inference import Backend

    from ..validation.evaluate_model import evaluate_model

    progress.step("Loading the model")
    backend, loaded = Backend.choose(*device), store.load(model)
    progress.step("Reading")
    volumes = _read(series, counterparts, scratch)
    progress.step("Measuring")
    notes = tuple(dict.fromkeys(note for volume in volumes for note in _notes(card, volume, len(volumes))))
    progress.step("Denoising")
    table = evaluate_model(loaded, volumes, backend=backend, most_sections=sections, on_progress=progress.count)
    return _Evaluation(card, backend, table, notes)


def _read(series: Sequence[NamedSeries], counterparts: Sequence[NamedSeries], scratch: Path) -> list[EvaluatedVolume]:
    from ..pairs.read_cases import CaseReader
    from ..validation.evaluate_model import EvaluatedVolume

    reader = CaseReader(Path.cwd(), scratch=scratch, memory_gb=MEMORY_GB)
    volumes = []
    for number, one in enumerate(series, start=1):
        name = one.name or f"image {number}"
        clean = counterparts[number - 1].file if counterparts else None
        volumes.append(
            EvaluatedVolume(
                noisy=reader.read(one.file, name).volume,
                clean=None if clean is None else reader.read(clean, f"the clean counterpart of {name}").volume,
                name=name,
            )
        )
    return volumes


def _notes(card: ModelCard, volume: EvaluatedVolume, count: int) -> Iterator[str]:
    """What is unlike the images that the model was made for."""
    from CTDenoiseLib.inference import match_notes
    from CTDenoiseLib.measure.noise.uniform_region import find_uniform_region

    region = find_uniform_region(volume.noisy)
    of_image = f"{volume.name[0].upper()}{volume.name[1:]}: " if count > 1 else ""
    for note in match_notes(card, volume.noisy, noise_hu=None if region is None else region.noise_hu):
        yield f"{of_image}{note}"


def _content(found: _Evaluation) -> dict[str, Any]:
    return {
        "model": {"name": found.card.name, "version": found.card.version, "sha256": found.card.weights.sha256},
        "device": found.backend.device,
        "device_name": found.backend.device_name,
        "precision": found.backend.precision,
        **found.table.to_content(),
        "notes": list(found.notes),
        "research_use_only": True,
    }


def _print(found: _Evaluation) -> None:
    for note in found.notes:
        error_terminal().print(f"[yellow]Note:[/yellow] {escape(note)}", soft_wrap=True)
    card, backend, table = found.card, found.backend, found.table
    console = terminal()
    rows = plain_table("", "Input", "Output")
    for name, before, after in table.rows:
        rows.add_row(escape(name), before, after)
    console.print(rows)
    facts = [
        ("Model", f"{card.name} {card.version}"),
        ("Device", f"{backend.device_name}, {backend.precision}"),
        ("Images", table.data),
    ]
    if table.after.rmse is not None:
        facts.append(("RMSE, PSNR, SSIM", str(table.terms)))
    print_facts(console, ((name, escape(value)) for name, value in facts))
    console.print("Research use only.")
