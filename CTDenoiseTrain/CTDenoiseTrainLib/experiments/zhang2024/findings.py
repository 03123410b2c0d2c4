"""The paper's three statements, each with the criterion by which it counts as shown."""

from __future__ import annotations

import math

from scipy.stats import spearmanr

from ..experiment import Finding
from .outcome import Outcome
from .settings import PAPER_NRMSE_PERCENT, Retraining

_CLOSE_DB = 1.0
# Of five models, at most two neighbours may have changed places.
_RANKED = 0.9
_MOST = 0.5
_LITTLE = 0.1
_ENOUGH_SHARE = 0.2


def findings_of(outcome: Outcome) -> tuple[Finding, ...]:
    """All statements."""
    return _denoised(outcome), _mismatch(outcome), _retraining(outcome)


def _denoised(outcome: Outcome) -> Finding:
    gains, losses = [], []
    for test, models in outcome.tests():
        own = models[test].psnr.mean
        gains += [found.psnr.mean - outcome.noise[test.key]["psnr"] for found in models.values()]
        losses += [own - found.psnr.mean for found in models.values()]
    return Finding(
        statement=f"Every model denoises both resolutions: PSNR above the input's, and at most {_CLOSE_DB:g} dB below "
        "that of the self-test.",
        shown=min(gains) > 0 and max(losses) <= _CLOSE_DB,
        evidence=f"PSNR rises by {min(gains):.1f} to {max(gains):.1f} dB; the worst cross-test is {max(losses):.2f} dB "
        "below its self-test.",
    )


def _mismatch(outcome: Outcome) -> Finding:
    ranks: list[float] = []
    words = []
    for test, models in outcome.tests():
        crossed = [(model, found) for model, found in models.items() if model != test]
        mismatch = [abs(math.log(model.pixel_um / test.pixel_um)) for model, _ in crossed]
        found_ranks = (
            _rank(mismatch, [found.residual_variance.mean for _, found in crossed]),
            _rank(mismatch, [found.nrmse.mean for _, found in crossed]),
            -_rank(mismatch, [found.ssim.mean for _, found in crossed]),
        )
        ranks += found_ranks
        variance, nrmse, unlikeness = found_ranks
        words.append(
            f"on {test.name} {variance:.2f} for residual variance, {nrmse:.2f} for NRMSE and {-unlikeness:.2f} for SSIM"
        )
    return Finding(
        statement="The residual against the self-test grows with the mismatch of resolution: the rank correlation of "
        f"residual variance and NRMSE with |ln(pixel ratio)| is {_RANKED:g} or more, of SSIM −{_RANKED:g} or less.",
        shown=None if any(math.isnan(rank) for rank in ranks) else min(ranks) >= _RANKED,
        evidence=f"Rank correlation {'; '.join(words)}.",
    )


def _rank(mismatch: list[float], values: list[float]) -> float:
    """Spearman's; none of fewer than three."""
    # Rounded, for 0.9 comes out as a little less.
    return round(float(spearmanr(mismatch, values).statistic), 9) if len(values) > 2 else math.nan


def _retraining(outcome: Outcome) -> Finding:
    settings = outcome.scans.settings
    without = outcome.finest[settings.coarsest]
    enough = min(outcome.after_retraining, key=lambda retraining: abs(retraining.share - _ENOUGH_SHARE))
    most = max(outcome.after_retraining, key=lambda retraining: retraining.share)

    def left(retraining: Retraining) -> float:
        return outcome.after_retraining[retraining].residual_variance.mean / without.residual_variance.mean

    after, more = outcome.after_retraining[enough], left(enough) - left(most)
    neighbour, own, paper = settings.resolutions[1], outcome.finest[settings.finest], PAPER_NRMSE_PERCENT
    return Finding(
        statement=f"About {_ENOUGH_SHARE:.0%} of the data closes most of the gap between cross-test and self-test: "
        "more than half of the residual variance goes. More data add little: less than a tenth of it.",
        shown=1 - left(enough) > _MOST and more < _LITTLE,
        evidence=f"With {enough.name} of the data {1 - left(enough):.0%} of the residual variance is gone, with "
        f"{most.name} {1 - left(most):.0%}. NRMSE falls from {without.nrmse.mean:.3g} to {after.nrmse.mean:.3g} % "
        f"(paper: {paper['without']:g} to {paper['20']:g} %); that of the {neighbour.name} model is "
        f"{outcome.finest[neighbour].nrmse.mean:.3g} %. PSNR rises from {without.psnr.mean:.2f} to "
        f"{after.psnr.mean:.2f} dB, self-test {own.psnr.mean:.2f} dB.",
    )
