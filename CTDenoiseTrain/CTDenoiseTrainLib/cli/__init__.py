"""Commands of training beside those of the core.

`ctdenoise noise-maps`, `train`, `finetune`, `keep`, `evaluate` and `experiment`. Torch is imported when work begins.
"""

from __future__ import annotations

import typer

from .evaluate import evaluate_model
from .experiment import repeat_experiment
from .finetune import fine_tune
from .keep import keep_model
from .noise_maps import write_noise_maps
from .train import train_model

app = typer.Typer()
app.command("noise-maps", no_args_is_help=True)(write_noise_maps)
app.command("train", no_args_is_help=True)(train_model)
app.command("finetune", no_args_is_help=True)(fine_tune)
app.command("keep", no_args_is_help=True)(keep_model)
app.command("evaluate", no_args_is_help=True)(evaluate_model)
app.command("experiment", no_args_is_help=True)(repeat_experiment)

__all__ = ["app"]
