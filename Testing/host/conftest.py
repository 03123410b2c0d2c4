"""Fixtures of the tests of the stand-ins themselves."""

from __future__ import annotations

from host.fixtures import grab, load_module, slicer_dialect, slicer_host, spin

__all__ = ["grab", "load_module", "slicer_dialect", "slicer_host", "spin"]
