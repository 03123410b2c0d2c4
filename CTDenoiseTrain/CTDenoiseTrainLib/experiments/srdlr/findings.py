"""What the paper says, and whether this run shows it: criteria first, figures as evidence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from ..experiment import Finding
from .images import DLR, INPUT, SAME, SHARP, SR_DLR
from .measure import ImageFigures
from .tables import STATED_VESSEL

LARGEST_NOISE_SHARE = 0.5
"""Noise falls if no more than this share of the input's is left."""
SAME_SHARPNESS = 0.1
"""TTF50 is the input's if it differs by no more than this share."""
LEAST_GAIN = 1.2
"""Something is sharper or clearer from so many times the input's on."""
LEAST_DOSE = 2.0
"""Lower noise is worth a lower dose from so many times the photons on."""
LEAST_TRANSMITTED = 0.1
"""Structure of which the conventional scanner leaves less, of the sharp one's, is lost: nothing can bring it back."""
LARGEST_BIAS_HU, LARGEST_ELSEWHERE_HU, LARGEST_MORE_OVERSHOOT = 5.0, 5.0, 5.0
LOW_CONTRAST_HU = 100.0
"""Rods and lesions of less are judged by themselves: networks blur weak edges more than those of vessels and bone."""
LEAST_LESION_CONTRAST = 0.8

Results = Mapping[str, ImageFigures]


def all_findings(results: Results) -> tuple[Finding, ...]:
    """The paper's key points, and what the networks cost in truth."""
    return (
        _dlr(results),
        _sr_dlr(results),
        _dose(results),
        _fine_structures(results),
        _truth(results),
        _low_contrasts(results),
    )


def _dlr(results: Results) -> Finding:
    noise, f50 = _noise_share(results, DLR), _high(_f50_gains(results, DLR))
    return Finding(
        statement="DLR, trained to low-noise targets, reduces noise and keeps the sharpness of its input "
        "(at 200 HU and more).",
        shown=_all(noise <= LARGEST_NOISE_SHARE, *(abs(gain - 1) <= SAME_SHARPNESS for gain in f50.values())),
        evidence=f"Noise falls to {_percent(noise)} of the input's (asked: {_percent(LARGEST_NOISE_SHARE)} or less); "
        f"TTF50 is {_listed(f50)} of it (asked: within {_percent(SAME_SHARPNESS)} at every rod).",
    )


def _sr_dlr(results: Results) -> Finding:
    noise, f50 = _noise_share(results, SR_DLR), _high(_f50_gains(results, SR_DLR))
    ours, before = (results[name].vessels[STATED_VESSEL] for name in (SR_DLR, INPUT))
    slope = ours.slope / before.slope
    return Finding(
        statement="SR-DLR, trained to low-noise, high-resolution targets, reduces noise and is sharper than its input "
        "(at 200 HU and more).",
        shown=_all(noise <= LARGEST_NOISE_SHARE, slope >= LEAST_GAIN, *(gain >= LEAST_GAIN for gain in f50.values())),
        evidence=f"Noise falls to {_percent(noise)} of the input's (asked: {_percent(LARGEST_NOISE_SHARE)} or less); "
        f"TTF50 is {_listed(f50)} of it, the edge slope of a {STATED_VESSEL} mm vessel {_percent(slope)} (asked: "
        f"{_percent(LEAST_GAIN)} or more), its 10–90 % distance {_percent(ours.distance_mm / before.distance_mm)}.",
    )


def _dose(results: Results) -> Finding:
    # All that the input differs from its target by is noise, whose square falls with the photons.
    dose = (results[INPUT].to_same.rmse / results[DLR].to_same.rmse) ** 2
    even = 1 / _noise_share(results, DLR) ** 2
    return Finding(
        statement="Lower noise allows a lower dose: DLR comes as near to the truth as a scan of more photons.",
        shown=dose >= LEAST_DOSE,
        evidence=f"In the coronary phantom, edges and blur included, DLR has the error of a scan with {dose:.1f} times "
        f"the photons (asked: {LEAST_DOSE:g} or more); in even material it has the noise of one with {even:.0f} times "
        "as many, which counts nothing that was lost. Whether readers see as much is not tested here.",
    )


def _fine_structures(results: Results) -> Finding:
    before, ours, target = results[INPUT], results[SR_DLR], results[SHARP]
    bars = _transmitted(results[SAME].bars, target.bars)
    struts = _transmitted(results[SAME].struts, target.struts)
    of_bars = (f"{key} line pairs/mm {before.bars[key]:.0f} → {ours.bars[key]:.0f} %" for key in bars)
    of_struts = (f"stent of {key} mm {before.struts[key]:.0f} → {ours.struts[key]:.0f} HU" for key in struts)
    return Finding(
        statement="SR-DLR depicts fine structures more clearly than its input.",
        shown=_all(
            *(ours.bars[key] >= LEAST_GAIN * before.bars[key] for key in bars),
            *(ours.struts[key] >= LEAST_GAIN * before.struts[key] for key in struts),
        ),
        evidence=f"Modulation of bars: {', '.join(of_bars)}. Amplitude of struts: {', '.join(of_struts)}. Asked: "
        f"{_percent(LEAST_GAIN)} of the input's or more for each of which the conventional scanner leaves "
        f"{_percent(LEAST_TRANSMITTED)} of the sharp one's. What is finer stays lost: the finest bars have "
        f"{round(list(ours.bars.values())[-1])} %, where the target has {round(list(target.bars.values())[-1])} %.",
    )


def _truth(results: Results) -> Finding:
    ours = results[SR_DLR]
    bias = max(ours.bias.values(), key=abs)
    overshoot = _high({key: rod.overshoot - results[SHARP].rods[key].overshoot for key, rod in ours.rods.items()})
    more = ", ".join(f"{value:+.1f} % ({key} HU)" for key, value in overshoot.items())
    return Finding(
        statement="SR-DLR keeps HU, rings no more than its target, and leaves even material even.",
        shown=_all(
            abs(bias) <= LARGEST_BIAS_HU,
            ours.systematic.elsewhere <= LARGEST_ELSEWHERE_HU,
            *(value <= LARGEST_MORE_OVERSHOOT for value in overshoot.values()),
        ),
        evidence=f"Largest bias in a rod {bias:+.1f} HU (asked: {LARGEST_BIAS_HU:g} or less); overshoot of edges, as a "
        f"share of their contrast, beyond that of the target {more} (asked: {LARGEST_MORE_OVERSHOOT:g} % or less); "
        f"systematic error where the object is even {ours.systematic.elsewhere:.1f} HU rms (asked: "
        f"{LARGEST_ELSEWHERE_HU:g} or less). At edges it is {ours.systematic.at_edges:.0f} HU, that of the input "
        f"{results[INPUT].systematic.at_edges:.0f} HU; noise along edges is "
        f"{_percent(ours.noise_at_edge_hu / results[INPUT].noise_at_edge_hu)} of the input's.",
    )


def _low_contrasts(results: Results) -> Finding:
    kept = {name: results[name].lesion_shares() for name in (DLR, SR_DLR)}
    dlr, sr_dlr = (_low(_f50_gains(results, name)) for name in (DLR, SR_DLR))
    return Finding(
        statement="Low contrasts are kept, too, and as sharp.",
        shown=_all(
            *(share >= LEAST_LESION_CONTRAST for shares in kept.values() for share in shares.values()),
            *(abs(gain - 1) <= SAME_SHARPNESS for gain in dlr.values()),
            *(gain >= LEAST_GAIN for gain in sr_dlr.values()),
        ),
        evidence=f"Of the contrast of lesions of 20 and 40 HU and 3 to 7 mm, DLR leaves {_range(kept[DLR].values())}, "
        f"SR-DLR {_range(kept[SR_DLR].values())} (asked: {_percent(LEAST_LESION_CONTRAST)} or more of each); the "
        f"input, in the mean of as many scans, {_range(results[INPUT].lesion_shares().values())}. TTF50 is, of the "
        f"input's, {_listed(dlr)} with DLR (asked: within {_percent(SAME_SHARPNESS)}) and {_listed(sr_dlr)} with "
        f"SR-DLR (asked: {_percent(LEAST_GAIN)} or more).",
    )


def _noise_share(results: Results, name: str) -> float:
    return results[name].noise_hu / results[INPUT].noise_hu


def _f50_gains(results: Results, name: str) -> dict[str, float]:
    return {key: rod.f50 / results[INPUT].rods[key].f50 for key, rod in results[name].rods.items()}


def _high(of_rods: Mapping[str, float]) -> dict[str, float]:
    """Those of rods with the contrast of vessels and bone."""
    return {key: value for key, value in of_rods.items() if float(key) >= LOW_CONTRAST_HU}


def _low(of_rods: Mapping[str, float]) -> dict[str, float]:
    return {key: value for key, value in of_rods.items() if float(key) < LOW_CONTRAST_HU}


def _transmitted(conventional: Mapping[str, float], sharp: Mapping[str, float]) -> list[str]:
    """Which structures the conventional scanner does not lose."""
    return [key for key, value in conventional.items() if value >= LEAST_TRANSMITTED * sharp[key]]


def _all(*conditions: bool) -> bool:
    """Comparisons with NaN are false: what could not be measured is not shown."""
    return all(conditions)


def _listed(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{_percent(share)} ({key} HU)" for key, share in shares.items())


def _range(shares: Iterable[float]) -> str:
    low, *_, high = sorted(shares)
    return f"{_percent(low)} to {_percent(high)}"


def _percent(share: float) -> str:
    return "not measurable" if math.isnan(share) else f"{100 * share:.0f} %"
