"""The paper's statements, and whether this run shows them: criteria first, figures as evidence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from ...simulate.spine_veins import DIAMETERS_MM
from ..experiment import Finding
from .images import DENOISED, SHARP, SMOOTH
from .measure import Results, VeinSummary
from .tables import CLEAR_HU

LEAST_NOISE_REDUCTION = 0.5
"""Noise falls substantially if so much of it goes."""
LARGEST_LOSS = 0.05
"""Resolution is the same if TTF50 differs by no more than this share."""
SMALL = tuple(diameter for diameter in DIAMETERS_MM if diameter <= 0.6)
"""Diameters of small veins in mm."""


def all_findings(results: Results) -> tuple[Finding, ...]:
    """Noise, resolution, and what is seen of small veins."""
    return (
        _noise(results),
        _resolution(results),
        _better_seen(results),
        _better_detected(results),
        _smooth_blurs(results),
    )


def _noise(results: Results) -> Finding:
    reduction = results.noise_reduction(DENOISED)
    before, after = (results.mean(name, lambda figures: figures.noise_hu) for name in (SHARP, DENOISED))
    return Finding(
        statement="The network decreases noise substantially.",
        shown=reduction >= LEAST_NOISE_REDUCTION,
        evidence=f"Noise in muscle changes by −{100 * reduction:.0f} %, from {before:.0f} to {after:.0f} HU "
        f"(asked: −{100 * LEAST_NOISE_REDUCTION:.0f} % or more).",
    )


def _resolution(results: Results) -> Finding:
    change = results.f50_change(DENOISED)
    return Finding(
        statement="The output has the same spatial resolution.",
        shown=None if math.isnan(change) else abs(change) <= LARGEST_LOSS,
        evidence=f"TTF50 of a rod of 900 HU is {results.f50(DENOISED):.2f} ± {results.f50_error(DENOISED):.2f} mm⁻¹, "
        f"{100 * change:+.1f} % from that of the sharp kernel without noise (asked: within "
        f"{100 * LARGEST_LOSS:.0f} %).",
    )


def _better_seen(results: Results) -> Finding:
    return _compared(
        results,
        "Small veins are better seen in the denoised images than with the sharp or the smooth kernel, by their "
        "contrast-to-noise ratio.",
        lambda veins: veins.cnr.value,
    )


def _better_detected(results: Results) -> Finding:
    return _compared(
        results,
        "Small veins stand out better from noise of its texture in the denoised images than with the sharp or the "
        "smooth kernel, by the detectability d′ of an observer who looks for them.",
        lambda veins: veins.detectability.value,
    )


def _compared(results: Results, statement: str, figure: Callable[[VeinSummary], float]) -> Finding:
    """Denoised against both kernels."""
    found = [(diameter, *map(figure, _clear(results, diameter))) for diameter in SMALL]
    return Finding(
        statement=statement,
        shown=_always((denoised, max(smooth, sharp)) for _, smooth, sharp, denoised in found),
        evidence=f"Of veins of {CLEAR_HU:g} HU and more, denoised against sharp and smooth: "
        + "; ".join(
            f"{denoised:.1f} against {sharp:.1f} and {smooth:.1f} at {diameter:g} mm"
            for diameter, smooth, sharp, denoised in found
        )
        + " (asked: higher than both at each diameter).",
    )


def _smooth_blurs(results: Results) -> Finding:
    found = [(diameter, *(veins.retained.value for veins in _clear(results, diameter))) for diameter in SMALL]
    return Finding(
        statement="The smooth kernel blurs small veins, which the denoised sharp images delineate.",
        shown=_always((denoised, smooth) for _, smooth, _, denoised in found),
        evidence=f"Of the contrast that veins of {CLEAR_HU:g} HU and more have with the sharp kernel, the denoised "
        "images keep "
        + "; ".join(
            f"{100 * denoised:.0f} % at {diameter:g} mm, the smooth kernel {100 * smooth:.0f} %"
            for diameter, smooth, _, denoised in found
        )
        + " (asked: more at each diameter).",
    )


def _clear(results: Results, diameter: float) -> tuple[VeinSummary, VeinSummary, VeinSummary]:
    """Smooth, sharp, denoised."""
    smooth, sharp, denoised = (results.veins(name, diameter, least_hu=CLEAR_HU) for name in (SMOOTH, SHARP, DENOISED))
    return smooth, sharp, denoised


def _always(pairs: Iterable[tuple[float, float]]) -> bool | None:
    """Whether the first is always higher; `None` where there was no vein to measure."""
    differences = [one - other for one, other in pairs]
    return None if any(map(math.isnan, differences)) else all(difference > 0 for difference in differences)
