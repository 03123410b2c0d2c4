"""`ctdenoise models`: list, show, add, remove and verify models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from ..models import ModelCard, ModelStore, StoredModel
from .console import AsJson, plain_table, print_facts, print_json, terminal

app = typer.Typer(help="List, show, add, remove and verify models.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the model, as listed.")]


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models, the default one first, and cards that are damaged."""
    store = ModelStore.default()
    found, damaged = store.models(), store.damaged()
    if as_json:
        print_json(
            {
                "models": [_in_short(model) for model in found],
                "damaged": [{"path": str(card.path), "reason": card.reason} for card in damaged],
            }
        )
        return
    console = terminal()
    if found:
        table = plain_table("Name", "Version", "Title", "Network", "Kernels", "From")
        for model in found:
            card = model.card
            kernels = ", ".join(card.made_for.kernels) or "any"
            origin = "CTDenoise" if model.bundled else "you"
            table.add_row(card.name, card.version, escape(card.title), card.network.name, escape(kernels), origin)
        console.print(table)
    else:
        console.print("There is no model; add one with “ctdenoise models add CARD.json”.")
    for damage in damaged:
        console.print(f"[yellow]Damaged:[/yellow] {escape(damage.reason)}")


@app.command(no_args_is_help=True)
def show(name: Name, as_json: AsJson = False) -> None:
    """Show the whole card of a model: data, recipe, metrics, limits."""
    card = ModelStore.default().card(name)
    if as_json:
        print_json(json.loads(card.to_json()))
    else:
        _print_card(card)


@app.command(no_args_is_help=True)
def add(
    path: Annotated[Path, typer.Argument(help="Card (.json) with the weights (.safetensors) beside it.")],
    overwrite: Annotated[bool, typer.Option(help="Replace your model of the same name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a model and copy it to your models."""
    card = ModelStore.default().add(path, overwrite=overwrite)
    _answer(as_json, {"added": card.name, "version": card.version}, f"Added {card.name} {card.version}.")


@app.command(no_args_is_help=True)
def remove(name: Name, as_json: AsJson = False) -> None:
    """Delete one of your models; those that came with CTDenoise stay."""
    ModelStore.default().remove(name)
    _answer(as_json, {"removed": name}, f"Removed {name}.")


@app.command(no_args_is_help=True)
def verify(name: Name, as_json: AsJson = False) -> None:
    """Check card, hash and weights of a model."""
    store = ModelStore.default()
    store.verify(name)
    sha256 = store.card(name).weights.sha256
    _answer(as_json, {"verified": name, "sha256": sha256}, f"{name} is whole: SHA256 {sha256}.")


def _in_short(model: StoredModel) -> dict[str, Any]:
    card = model.card
    return {
        "name": card.name,
        "version": card.version,
        "title": card.title,
        "network": card.network.name,
        "kernels": list(card.made_for.kernels),
        "sha256": card.weights.sha256,
        "bundled": model.bundled,
        "folder": str(model.folder),
    }


def _print_card(card: ModelCard) -> None:
    made_for, training = card.made_for, card.training
    rows = [
        ("Network", f"{card.network.name}, {card.weights.parameters:,} parameters"),
        ("Context", f"{2 * card.context + 1} sections"),
        ("Kernels", ", ".join(made_for.kernels) or "any"),
        ("Pixel size", "{:g} to {:g} mm".format(*made_for.pixel_spacing_mm)),
        ("Thickness", "{:g} to {:g} mm".format(*made_for.section_thickness_mm)),
        ("Noise", "{:g} to {:g} HU".format(*made_for.noise_hu)),
        ("HU seen", "{:g} to {:g}".format(*card.hu_range)),
        *([] if training.parent is None else [("Fine-tuned from", str(training.parent))]),
        *(("Trained on", f"{data.name} ({data.licence}): {data.use}") for data in training.data),
        ("Training", f"{training.steps:,} steps, {training.duration_s / 60:.0f} min on {training.hardware}"),
        ("Script", training.script),
        *(
            (metric.name, f"{metric.value:g} {metric.unit}".strip() + f" on {metric.data}. {metric.note}".rstrip())
            for metric in card.metrics
        ),
        *(("Limit", limitation) for limitation in card.limitations),
        ("Licence", card.licence),
        ("SHA256", card.weights.sha256),
    ]
    console = terminal()
    console.print(f"[bold]{card.name} {card.version}[/bold]  {escape(card.title)}\n{escape(card.description)}\n")
    print_facts(console, ((name, escape(value)) for name, value in rows))
    console.print("\nResearch use only.")


def _answer(as_json: bool, content: dict[str, Any], sentence: str) -> None:
    if as_json:
        print_json(content)
    else:
        terminal().print(escape(sentence))
