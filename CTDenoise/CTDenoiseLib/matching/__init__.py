"""Whether an image is of the kind that a model was made for. Needs neither torch nor Slicer."""

from __future__ import annotations

from .facts import ImageFacts
from .judge import judge_match, judge_modality
from .kernel_sharpness import kernel_sharpness
from .verdict import MatchLevel, MatchVerdict, Reason

__all__ = ["ImageFacts", "MatchLevel", "MatchVerdict", "Reason", "judge_match", "judge_modality", "kernel_sharpness"]
