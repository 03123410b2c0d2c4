"""CTDenoise core: read, denoise, measure and write CT volumes. Ordinary Python, no Slicer. Research use only."""

from __future__ import annotations

__version__ = "0.1.0"
