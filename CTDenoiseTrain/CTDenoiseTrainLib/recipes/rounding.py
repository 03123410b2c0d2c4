"""What weights of half precision change in the output."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.models import Metric, Model
from CTDenoiseLib.networks import DenoisingNetwork

from .real_series import RealSeries

_EVERY = 10


def rounding_metric(model: Model, network: DenoisingNetwork, real: RealSeries) -> Metric:
    """RMS difference of the output with the weights of the file from that with the weights as they were trained.

    Args:
        model: With the weights of the file.
        network: As it was trained.
        real: The series; every tenth of its sections for figures is denoised with both.
    """
    backend = Backend.choose("cpu", "fp32")
    sections = real.for_figures[::_EVERY]
    both = zip(
        Denoiser(model, backend).sections(real.volume, order=sections),
        Denoiser(replace(model, network=network), backend).sections(real.volume, order=sections),
        strict=True,
    )
    squares = [np.square(rounded.output - trained.output).mean(dtype=np.float64) for rounded, trained in both]
    return Metric(
        name="difference that weights of half precision make",
        value=float(np.format_float_positional(np.sqrt(np.mean(squares)), precision=2, fractional=False)),
        unit="HU",
        data=real.description,
        note="RMS over every tenth section, against the weights as they were trained.",
    )
