"""`ctdenoise measure audit`: was it noise that a denoiser took away?"""

from __future__ import annotations

from typing import Annotated

import typer

from ..console import AsJson
from ..progress import run_progress
from .options import IMAGE_HELP, Output, Overwrite, Plot


def audit_result(  # noqa: PLR0913 - these are the options of the command
    before: Annotated[str, typer.Argument(metavar="BEFORE", help=f"The input. {IMAGE_HELP}")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="What a denoiser made of it.")],
    *,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Also test how much this model leaves of small vessels.")
    ] = None,
    strength: Annotated[float, typer.Option(min=0, max=1, help="Strength of the model in that test.")] = 1.0,
    backend: Annotated[str, typer.Option(help="Its device: auto, cuda:N, cuda:all, mps or cpu.")] = "auto",
    precision: Annotated[str, typer.Option(help="Inside the network: auto, fp32, bf16 or fp16.")] = "auto",
    output: Output = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Audit what was taken away (before − after): green, amber or red, with the reasons."""
    # Imported only now: scipy takes its time to come, and torch seconds.
    from .answer import Answer
    from .audit_findings import audit_findings
    from .images import load_images

    answer = Answer(output=output, plot=plot, overwrite=overwrite, as_json=as_json)
    with run_progress(silent=as_json) as progress:
        test = None
        if model is not None:
            from .retention import RetentionTest

            progress.step("Loading the model")
            test = RetentionTest.load(model, backend=backend, precision=precision, strength=strength)
        loaded = load_images([before, after], progress)
        findings = audit_findings(loaded[0], loaded[1], test, progress)
    answer.give(loaded, findings)
