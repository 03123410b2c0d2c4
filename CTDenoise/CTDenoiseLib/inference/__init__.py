"""Denoising: a model on a device, section by section."""

from __future__ import annotations

from ..errors import Cancelled
from .backend import Backend
from .denoiser import Denoiser
from .devices import Device, Precision, available_devices
from .errors import BackendError, DenoiseRequestError, MismatchError, NotEnoughMemoryError, NotFiniteError
from .match import check_match, match_notes
from .results import DenoisedSection, DenoiseStatistics, Progress
from .run import DenoisingRun
from .sectioned_volume import SectionedVolume

__all__ = [
    "Backend",
    "BackendError",
    "Cancelled",
    "DenoiseRequestError",
    "DenoiseStatistics",
    "DenoisedSection",
    "Denoiser",
    "DenoisingRun",
    "Device",
    "MismatchError",
    "NotEnoughMemoryError",
    "NotFiniteError",
    "Precision",
    "Progress",
    "SectionedVolume",
    "available_devices",
    "check_match",
    "match_notes",
]
