"""Verdict of the residual audit: a level and a sentence for each figure, and the thresholds with their reasons.

A figure is green while pure noise explains it, or while the difference from noise is too small to matter: with the many
voxels of a volume, chance is so small that nearly every filter differs from noise in some digit. So colours follow the
*size* of an effect, provided that chance does not explain it.

- Detail taken at edges: amber from 3 %, red from 10 %. A Gaussian blur of 0.4 pixels takes 4 %, one of 0.5 pixels 11 %,
  one of 0.7 pixels 22 %, one pixel 37 %. Real noise (21 pairs of the Mayo low-dose challenge) had −3.2 to 0.1 %.
- Edge ratio: amber beyond what noise has, red from twice the ratio that noise has, as `edge_ratio` says, unless the
  residual at edges is weaker than 2.5 HU.
- HU of a tissue: amber from 2.5 HU, red from 5 HU, the tolerance for water (0 ± 5 HU, AAPM Report 83, Med Phys
  2003;30:2762), or from 1 and 2 % of the tissue's HU where that is more. Air is not judged: scanners end at −1024 HU,
  and noise cut off below has a mean (8 HU in the Mayo pairs).
- Noise left: amber when its mean frequency is below 0.7 of the input's. At equal noise it was 0.76 in a deep-learning
  reconstruction said to keep the texture, 0.62 and 0.55 in iterative ones (Eur J Radiol 2023;165:110914). Never red,
  since coarse noise is no lost anatomy; not judged when less than a fifth of the noise is left.

What cannot be judged, such as edges where there is no body, is amber: nobody should take silence for a clean bill.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from .edge_correlation import EdgeCorrelation
from .edge_ratio import EdgeRatio
from .noise_at_edges import NoiseAtEdges
from .noise_texture import FEWEST_SQUARES, NoiseTexture
from .tissue_classes import Tissue, TissueShift
from .words import number

DETAIL_AMBER, DETAIL_RED = 0.03, 0.10
EDGE_RATIO_RED, LEAST_EDGE_HU = 2.0, 2.5
SHIFT_AMBER_HU, SHIFT_RED_HU = 2.5, 5.0
SHIFT_AMBER_SHARE, SHIFT_RED_SHARE = 0.01, 0.02
TEXTURE_AMBER, LEAST_NOISE_LEFT = -0.3, 0.2
STANDARD_ERRORS = 3.0


class AuditLevel(Enum):
    """How a figure, or the whole, is to be taken; later members are worse."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"

    @property
    def severity(self) -> int:
        """0 for green, 1 for amber, 2 for red."""
        return list(AuditLevel).index(self)


@dataclass(frozen=True)
class AuditFigure:
    """One figure of the audit.

    Attributes:
        key: Name for programs, such as "edge_ratio".
        name: Name for people.
        value: `None` if it could not be measured.
        unit: Of value, error and range; empty for a ratio.
        error: Standard error from chance, `None` where it is not known.
        pure_noise: Lowest and highest value that pure noise gives; `None` where that is not known.
        level: `None` for a figure that informs and is not judged.
        sentence: What it means.
    """

    key: str
    name: str
    value: float | None
    unit: str
    error: float | None
    pure_noise: tuple[float, float] | None
    level: AuditLevel | None
    sentence: str


def judge_edge_ratio(measured: EdgeRatio | None, noise: NoiseAtEdges | None) -> AuditFigure:
    """Is the residual stronger at edges than noise would be?"""
    name = "Residual at edges over flat tissue"
    if measured is None or noise is None or math.isnan(noise.error):
        return _cannot("edge_ratio", name, "", "there is too little of a body with edges and soft tissue")
    low, high = noise.noise_range
    against = f"({measured.ratio:.2f} times that in flat tissue; noise: {low:.2f} to {high:.2f})"
    strong = measured.edge_rms >= LEAST_EDGE_HU and measured.ratio >= EDGE_RATIO_RED * noise.ratio
    if strong and measured.ratio > high:
        level, words = AuditLevel.RED, f"The residual is much stronger at edges than noise would be {against}."
    elif not measured.ratio <= high:
        level, words = AuditLevel.AMBER, f"The residual is stronger at edges than noise would be {against}."
    elif measured.ratio < low:
        level, words = AuditLevel.GREEN, f"Less was taken away at edges than in flat tissue {against}."
    else:
        level, words = AuditLevel.GREEN, f"The residual is as strong at edges as noise would be {against}."
    return AuditFigure("edge_ratio", name, measured.ratio, "", noise.error, (low, high), level, words)


def judge_edge_correlation(
    measured: EdgeCorrelation | None, *, worst_section: int | None = None
) -> tuple[AuditFigure, AuditFigure]:
    """Does the residual follow the edges, and how much of their detail did it take?

    Args:
        measured: Over all sections.
        worst_section: Index of the section to name, whose residual follows them most.
    """
    names = "Correlation of residual and edges", "Detail taken at edges"
    if measured is None or math.isnan(measured.error):
        reason = "there are too few edges that stand out of the noise"
        return _cannot("edge_correlation", names[0], "", reason), _cannot("detail", names[1], "%", reason)
    low, high = measured.noise_range
    against = f"(correlation {number(measured.value, '.2f')}; noise: {number(low, '.2f')} to {number(high, '.2f')})"
    level, words = _judge_detail(measured)
    explained = low <= measured.value <= high
    correlation_level = AuditLevel.GREEN if explained else level
    if not explained and level is AuditLevel.GREEN:
        sentence = f"The residual is not quite like noise at edges {against}, but too weak there to matter."
    elif measured.value < low:
        sentence = f"The residual runs against the edges, as sharpening does {against}."
    elif measured.value <= high:
        sentence = f"The residual follows edges no more than noise would {against}."
    else:
        place = "" if worst_section is None else f", most of all in section {worst_section + 1}"
        sentence = f"The residual follows the edges of the anatomy more than noise would {against}{place}."
    chance = 100 * STANDARD_ERRORS * measured.detail_error
    return (
        AuditFigure(
            "edge_correlation", names[0], measured.value, "", measured.error, (low, high), correlation_level, sentence
        ),
        AuditFigure(
            "detail",
            names[1],
            100 * measured.detail_taken,
            "%",
            100 * measured.detail_error,
            (-chance, chance),
            level,
            words,
        ),
    )


def judge_shift(measured: TissueShift) -> AuditFigure:
    """Did the mean HU of a tissue change?"""
    tissue = measured.tissue
    by_sorting = sorted((0.0, 2 * measured.from_noise))
    chance = STANDARD_ERRORS * measured.error
    low, high = by_sorting[0] - chance, by_sorting[1] + chance
    excess = abs(measured.shift - min(max(measured.shift, by_sorting[0]), by_sorting[1]))
    red = max(SHIFT_RED_HU, SHIFT_RED_SHARE * abs(measured.mean_hu))
    amber = max(SHIFT_AMBER_HU, SHIFT_AMBER_SHARE * abs(measured.mean_hu))
    noise = f"{number(low, '.1f')} to {number(high, '.1f')} HU"
    against = f"({number(measured.shift, '+.1f')} HU; noise: {noise}; {measured.voxels} voxels)"
    words = tissue.words.capitalize()
    level: AuditLevel | None
    if tissue is Tissue.AIR:
        level, sentence = None, f"{words}: mean of voxels that the scanner may have cut off at −1024 HU {against}."
    elif not chance < red:
        level, sentence = None, f"{words}: too few voxels to judge the shift of the mean {against}."
    elif excess > chance and excess >= amber:
        level = AuditLevel.RED if excess >= red else AuditLevel.AMBER
        sentence = f"{words}: the mean changed by more than noise explains {against}."
    else:
        level, sentence = AuditLevel.GREEN, f"{words}: the mean stayed {against}."
    name = f"Shift of the mean, {tissue.words}"
    key = f"shift_{tissue.name.lower()}"
    return AuditFigure(key, name, measured.shift, "HU", measured.error, (low, high), level, sentence)


def judge_shifts(measured: tuple[TissueShift, ...]) -> tuple[AuditFigure, ...]:
    """Judge all classes of tissue; without soft tissue that cannot be done."""
    figures = tuple(judge_shift(shift) for shift in measured)
    judged = {shift.tissue for shift, figure in zip(measured, figures, strict=True) if figure.level is not None}
    if Tissue.SOFT_TISSUE in judged:
        return figures
    name = "Shift of the mean, soft tissue"
    rest = tuple(figure for figure in figures if figure.key != "shift_soft_tissue")
    return (*rest, _cannot("shift_soft_tissue", name, "HU", "there is too little soft tissue"))


def judge_texture(measured: NoiseTexture | None) -> tuple[AuditFigure, ...]:
    """Did the noise that is left become coarser?"""
    if measured is None:
        sentence = (
            f"The texture of the noise was not measured: fewer than {FEWEST_SQUARES} squares hold nothing but uniform "
            "tissue."
        )
        return (_texture_figure(None, sentence),)
    chance = STANDARD_ERRORS * measured.shift_error
    left = f"{100 * measured.noise_left:.0f} % of the noise is left"
    moved = f"{number(100 * measured.shift, '+.0f')} % in mean frequency"
    level: AuditLevel | None
    if measured.noise_left < LEAST_NOISE_LEFT:
        level, sentence = None, f"Only {left}, too little for its texture to matter."
    elif measured.shift < TEXTURE_AMBER and measured.shift < -chance:
        level, sentence = AuditLevel.AMBER, f"{left}, and it is coarser than it was ({moved}): images may look blotchy."
    else:
        level, sentence = AuditLevel.GREEN, f"{left}, of a texture that is near that of the input ({moved})."
    return _texture_figure(measured, sentence, level=level), *_frequency_figures(measured)


def _texture_figure(measured: NoiseTexture | None, sentence: str, *, level: AuditLevel | None = None) -> AuditFigure:
    name = "Shift of the mean frequency of the noise"
    if measured is None:
        return AuditFigure("texture", name, None, "%", None, None, level, sentence)
    error = 100 * measured.shift_error
    chance = STANDARD_ERRORS * error
    return AuditFigure("texture", name, 100 * measured.shift, "%", error, (-chance, chance), level, sentence)


def _frequency_figures(measured: NoiseTexture) -> tuple[AuditFigure, AuditFigure]:
    """Mean frequencies of what is seen, noise and tissue together."""
    before, residual = measured.before.mean_frequency, measured.residual.mean_frequency
    tissue = "Noise and the faint structure of the tissue, which is coarse and shows the more the less noise there is."
    taken = (
        f"What was taken away has a mean frequency of {residual:.2f} mm⁻¹, the input has {before:.2f} mm⁻¹ in the same "
        "places."
    )
    picture = "Shift of the mean frequency of uniform tissue"
    return (
        AuditFigure("picture_texture", picture, 100 * measured.picture_shift, "%", None, None, None, tissue),
        AuditFigure(
            "residual_frequency",
            "Mean frequency of the residual",
            residual,
            "mm⁻¹",
            None,
            (before, before),
            None,
            taken,
        ),
    )


def _judge_detail(measured: EdgeCorrelation) -> tuple[AuditLevel, str]:
    share, chance = measured.detail_taken, STANDARD_ERRORS * measured.detail_error
    percent = f"{abs(100 * share):.1f} % of the detail at edges"
    if not chance < DETAIL_RED:
        return AuditLevel.AMBER, "Too few edges to judge whether detail was taken away."
    if not abs(share) > chance or abs(share) < DETAIL_AMBER:
        return (
            AuditLevel.GREEN,
            f"Detail at edges was kept ({number(100 * share, '+.1f')} % taken; chance: ±{100 * chance:.1f} %).",
        )
    if share < 0:
        return AuditLevel.AMBER, f"Edges were sharpened: {percent} was added."
    level = AuditLevel.RED if share >= DETAIL_RED else AuditLevel.AMBER
    return level, f"{percent} was taken away (a Gaussian blur of half a pixel takes 10 %)."


def _cannot(key: str, name: str, unit: str, reason: str) -> AuditFigure:
    return AuditFigure(key, name, None, unit, None, None, AuditLevel.AMBER, f"{name} cannot be judged: {reason}.")
