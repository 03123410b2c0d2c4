"""What denoising with the loaded model will cost, for the side that shows it before a run."""

from __future__ import annotations

from ..inference import Denoiser
from ..inference.calibration import pace_of
from ..inference.cost import expected
from .messages import Estimate, Estimated


def estimate(request: Estimate, denoiser: Denoiser) -> Estimated:
    """Foretell the cost of a section.

    Raises:
        CalibrationError: The variable CTDENOISE_PACE is no positive number.
    """
    cost = expected(denoiser, shape=(1, request.rows, request.columns), pace=pace_of(denoiser))
    return Estimated(cost.seconds_per_section, cost.memory_bytes, cost.from_last_run)
