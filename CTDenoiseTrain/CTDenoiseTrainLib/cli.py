"""Commands of training beside those of the core: `ctdenoise noise-maps`, `train`, `finetune`, `evaluate`."""

from __future__ import annotations

import typer

app = typer.Typer()
