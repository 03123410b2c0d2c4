"""`ctdenoise measure`: physics-grade image quality of one image, or of several in the identical voxels."""

from __future__ import annotations

import typer

from .audit import audit_result
from .compare import compare_images
from .noise_level import measure_noise_level
from .nps import measure_noise_power
from .profile import measure_profile
from .roi import measure_regions
from .ttf import measure_transfer

app = typer.Typer(
    help="Measure images: regions, line profiles, noise power, resolution, similarity, and what a denoiser took away.",
    no_args_is_help=True,
)
app.command("roi", no_args_is_help=True)(measure_regions)
app.command("profile", no_args_is_help=True)(measure_profile)
app.command("nps", no_args_is_help=True)(measure_noise_power)
app.command("ttf", no_args_is_help=True)(measure_transfer)
app.command("noise-level", no_args_is_help=True)(measure_noise_level)
app.command("compare", no_args_is_help=True)(compare_images)
app.command("audit", no_args_is_help=True)(audit_result)
