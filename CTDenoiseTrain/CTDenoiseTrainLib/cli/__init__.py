"""Commands of training beside those of the core: `ctdenoise noise-maps`, `train`, `finetune`, `keep`, `evaluate`.

Torch is imported when work begins.
"""

from __future__ import annotations

import typer

from . import evaluate, finetune, keep, noise_maps, train

app = typer.Typer()
app.command("noise-maps", no_args_is_help=True)(noise_maps.write_noise_maps)
app.command("train", no_args_is_help=True)(train.train_model)
app.command("finetune", no_args_is_help=True)(finetune.fine_tune)
app.command("keep", no_args_is_help=True)(keep.keep_model)
app.command("evaluate", no_args_is_help=True)(evaluate.evaluate_model)

__all__ = ["app"]
