"""Tells whether a result was changed between two moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .results import Results


def result_version(results: Results) -> tuple[float, ...]:
    """Differs when the strength, or any voxel, was changed in between."""
    images = (node.GetImageData() for node in (results.output, results.noise, results.input) if node is not None)
    return (results.strength, *(image.GetMTime() for image in images if image is not None))
