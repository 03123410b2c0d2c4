"""`ctdenoise experiment`: repeat a paper's experiment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from CTDenoiseLib.cli.console import AsJson, error_terminal, plain_table, print_json, terminal
from CTDenoiseLib.cli.interrupt import Interrupted
from CTDenoiseLib.cli.progress import RunProgress, run_progress

from ..experiments.experiment import Experiment, ExperimentResult, Scale
from .needed_packages import NEEDED_BY_EXPERIMENTS, check_needed_packages

if TYPE_CHECKING:
    from CTDenoiseLib.measure.result_table import ResultTable

_SHOWN = {True: "[green]shown[/green]", False: "[yellow]not shown[/yellow]", None: "[dim]not tested[/dim]"}


class _TerminalWatcher:
    """Shows the stages as bars and says what there is to know."""

    def __init__(self, progress: RunProgress, *, silent: bool) -> None:
        self._progress = progress
        self._silent = silent

    def step(self, name: str) -> None:
        self._progress.step(escape(name))
        console = error_terminal()
        if not self._silent and not console.is_terminal:
            console.print(escape(name), soft_wrap=True)

    def count(self, done: int, total: int) -> None:
        self._progress.count(done, total)

    def note(self, sentence: str) -> None:
        if not self._silent:
            error_terminal().print(f"[yellow]Note:[/yellow] {escape(sentence)}", soft_wrap=True)


def repeat_experiment(  # noqa: PLR0913 - these are the options of the command
    name: Annotated[str, typer.Argument(metavar="NAME", help="zhang2024, madhavan2024, huber2020, srdlr or asl.")],
    *,
    scale: Annotated[
        Scale, typer.Option(help="quick: two cores and at most an hour; paper: as published, for a GPU.")
    ] = Scale.QUICK,
    output: Annotated[
        Path | None, typer.Option(help="Folder of the experiment; NAME-SCALE by default. Started again, it goes on.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder for openly licensed CT, fetched where it is not there yet.")
    ] = None,
    backend: Annotated[str, typer.Option(help="Device: auto, cuda:N, mps or cpu.")] = "auto",
    precision: Annotated[str, typer.Option(help="Of training: auto, fp32, bf16 or fp16.")] = "auto",
    as_json: AsJson = False,
) -> None:
    """Repeat a paper's experiment: tables, findings and figures, in a folder where it can go on when cut off."""
    check_needed_packages(what="An experiment", needed=NEEDED_BY_EXPERIMENTS)
    from ..experiments import catalogue, workbench
    from ..experiments.run import result_files

    # Torch, which takes seconds to come, comes with the experiment: a wrong name is known before.
    experiment = catalogue.find_experiment(name)
    folder = output or Path(f"{name}-{scale.value}")
    try:
        with run_progress(silent=as_json) as progress:
            watcher = _TerminalWatcher(progress, silent=as_json)
            result = _run(experiment, folder, scale, device=(backend, precision), data=data, watcher=watcher)
    except KeyboardInterrupt:
        if not (folder / workbench.CONFIGURATION_FILE).exists():
            raise
        raise Interrupted(
            f"Stopped; what is finished stays in “{folder}”, and the same command goes on from there."
        ) from None
    result_file, page = result_files(folder)
    if as_json:
        print_json(workbench.read_json(result_file) | {"folder": str(folder)})
        return
    _print(result)
    terminal().print(f"Result: {escape(str(result_file))}, {escape(str(page))}", soft_wrap=True)
    terminal().print("Research use only.")


def _run(  # noqa: PLR0913 - what, where, how large, on what, with which data, and who watches
    experiment: Experiment,
    folder: Path,
    scale: Scale,
    *,
    device: tuple[str, str],
    data: Path | None,
    watcher: _TerminalWatcher,
) -> ExperimentResult:
    from CTDenoiseLib.inference import Backend

    from ..experiments.run import run_experiment
    from ..experiments.workbench import Workbench
    from ..training.distributed import own_device

    name, precision = device
    chosen = Backend.choose(own_device(name), precision)
    return run_experiment(
        experiment, Workbench.open(folder, experiment, scale, backend=chosen, watcher=watcher, data=data)
    )


def _print(result: ExperimentResult) -> None:
    console = terminal()
    for table in result.tables:
        console.print(f"\n[bold]{escape(table.title)}[/bold]")
        console.print(_rich(table))
    console.print()
    for finding in result.findings:
        console.print(
            f"{_SHOWN[finding.shown]}  {escape(finding.statement)} {escape(finding.evidence)}", soft_wrap=True
        )
    for note in result.notes:
        console.print(f"[dim]{escape(note)}[/dim]", soft_wrap=True)


def _rich(table: ResultTable) -> object:
    from ..experiments.markdown import cell_text

    rows = plain_table(*(escape(column.heading) for column in table.columns))
    for row in table.rows:
        rows.add_row(*(escape(cell_text(cell)) for cell in row))
    return rows
