"""The command `ctdenoise`: find, denoise and measure series, look after models. Torch is imported when work begins."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated, Any

import typer

from .. import __version__
from ..errors import CTDenoiseError
from . import devices, measure, models, run, sample, series
from .console import print_error, tolerate_any_text
from .interrupt import Commands, Interrupted

INPUT_ERROR = 2
INTERRUPTED = 130
# Typer apps whose commands appear beside those of the core, which knows nothing of what lies above it.
_FURTHER_COMMANDS = "ctdenoise.commands"
# Typer may carry a click of its own; this is the base of all complaints about the command line, whichever it is.
_UsageError: Any = typer.BadParameter.__bases__[0].__bases__[0]

app = typer.Typer(
    cls=Commands,
    help="Denoise CT with high-resolution convolutional networks and show what it did. Research use only.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("series", no_args_is_help=True)(series.list_series)
app.command("run", no_args_is_help=True)(run.denoise)
app.add_typer(measure.app, name="measure")
app.add_typer(models.app, name="models")
app.command("devices")(devices.list_devices)
app.command("sample", no_args_is_help=True)(sample.get_sample)
for _entry in metadata.entry_points(group=_FURTHER_COMMANDS):
    app.registered_commands.extend(_entry.load().registered_commands)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Those after the program's name; of this process if `None`.

    Returns:
        The exit code: 0, 2 after an error the user can act on (one sentence on the standard error, or with `--json` an
        object with `error` on the standard output), 130 after Ctrl-C. Any other exception is a defect and passes on.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    tolerate_any_text()
    for library in ("CTDenoiseLib", "matplotlib"):
        # What matters of it, the commands show in their own words.
        logging.getLogger(library).addHandler(logging.NullHandler())
    try:
        code = app(given, prog_name="ctdenoise", standalone_mode=False)
    except CTDenoiseError as error:
        print_error(str(error), as_json="--json" in given)
        return INTERRUPTED if isinstance(error, Interrupted) else INPUT_ERROR
    except _UsageError as error:
        return _report_usage(error, as_json="--json" in given)
    return code if isinstance(code, int) else 0


def _report_usage(error: Any, *, as_json: bool) -> int:
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        print(message)
    else:
        print_error(f"{message.rstrip('.')}. “ctdenoise --help” lists what there is.", as_json=as_json)
    return INPUT_ERROR


@app.callback(invoke_without_command=True)
def _without_command(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"ctdenoise {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


__all__ = ["app", "main"]
