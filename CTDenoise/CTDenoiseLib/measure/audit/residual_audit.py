"""Residual audit: was it noise that a denoiser took away?

The residual, input − output, of a perfect denoiser is noise and nothing else: it knows nothing of the anatomy, has no
mean in any tissue, and is like the noise of the input. Each figure says how the residual compares, what pure noise
would give in the same volume, and what that means; the verdict is the worst of them. See `audit_verdict` for the
thresholds, and `edge_ratio`, `edge_correlation`, `tissue_classes` and `noise_texture` for the definitions.

The audit sees what was taken from edges and tissues as a whole. It cannot see what the noise hid in the input, nor does
one small structure that vanished move these figures when thousands stayed: `residual_map` shows places, `retention`
tests small vessels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import DifferentGridError
from ..noise.uniform_region import mean_beside
from ..result_table import Column, ResultTable
from ..sampling import MeasurableVolume, evenly_spread
from .audit_verdict import (
    STANDARD_ERRORS,
    AuditFigure,
    AuditLevel,
    judge_edge_correlation,
    judge_edge_ratio,
    judge_shifts,
    judge_texture,
)
from .block_sums import block_sums, mean_with_error
from .edge_correlation import EdgeCorrelationMeter
from .edge_ratio import BODY_ABOVE_HU, EdgeRatioMeter, edge_masks
from .noise_at_edges import NoiseAtEdgesMeter
from .noise_texture import NoiseTexture, NoiseTextureMeter
from .tissue_classes import TissueShiftMeter
from .words import number

CAUTION = (
    "The audit judges edges and tissues as a whole. Small or faint structures that the noise hides may be lost without "
    "a trace here; the test of small vessels says how much is left of those."
)


@dataclass(frozen=True, eq=False)
class Audit:
    """What was found.

    Attributes:
        figures: Each with its level.
        texture: Noise power spectra of input, output and residual; `None` without uniform tissue.
        sections: How many were looked at.
        worst_section: Index of the section whose residual follows the edges most; `None` where no edges were found.
    """

    figures: tuple[AuditFigure, ...]
    texture: NoiseTexture | None
    sections: int
    worst_section: int | None

    @property
    def level(self) -> AuditLevel:
        """The verdict: the worst level of all figures."""
        return max((figure.level for figure in self.figures if figure.level), key=lambda level: level.severity)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the verdict is what it is, the gravest first, each sentence once."""
        judged = [(figure.level, figure.sentence) for figure in self.figures if figure.level is not None]
        if self.level is not AuditLevel.GREEN:
            judged = [(level, sentence) for level, sentence in judged if level is not AuditLevel.GREEN]
        gravest_first = sorted(judged, key=lambda reason: -reason[0].severity)
        return tuple(dict.fromkeys(sentence for _, sentence in gravest_first))

    def figure(self, key: str) -> AuditFigure:
        """The figure of this key.

        Raises:
            KeyError: There is none.
        """
        return {figure.key: figure for figure in self.figures}[key]

    def table(self) -> ResultTable:
        """All figures with what pure noise gives."""
        columns = (
            Column("figure", "Figure"),
            Column("value", "Value"),
            Column("error", "Standard error"),
            Column("noise_low", "Pure noise from"),
            Column("noise_high", "Pure noise to"),
            Column("unit", "Unit"),
            Column("level", "Level"),
            Column("sentence", "Meaning"),
        )
        rows = tuple(
            (
                figure.name,
                figure.value,
                figure.error,
                *(figure.pure_noise or (None, None)),
                figure.unit,
                figure.level.value if figure.level else "",
                figure.sentence,
            )
            for figure in self.figures
        )
        return ResultTable(f"Residual audit: {self.level.value}", columns, rows)


class AuditMeter:
    """Audits a result from sections as they come.

    Args:
        before: The input. The sections that are looked at and those beside them are enough.
        sections: Indices of the sections to look at; `None` takes 24, evenly spread. Each of 512² costs about 120 ms.
    """

    def __init__(self, before: MeasurableVolume, *, sections: Sequence[int] | None = None) -> None:
        self._before = before
        self.sections = tuple(evenly_spread(before.shape[0]) if sections is None else sections)
        self._ratio = EdgeRatioMeter()
        self._noise_at_edges = NoiseAtEdgesMeter()
        self._correlation = EdgeCorrelationMeter()
        self._shifts = TissueShiftMeter()
        self._texture = NoiseTextureMeter(before.geometry.spacing[1:])
        self._body: list[NDArray[np.float64]] = []
        self._changed = False

    def add(self, index: int, after: NDArray[np.floating]) -> None:
        """Look at one section, if it is one of those to look at.

        Args:
            index: Its place in the volume.
            after: HU of the result, shape (y, x).

        Raises:
            DifferentGridError: It has more or fewer pixels than the input.
        """
        if index not in self.sections:
            return
        before, output = self._before.section(index), np.asarray(after, dtype=np.float32)
        if output.shape != before.shape:
            raise DifferentGridError(_different(before.shape, output.shape))
        residual = before - output
        masks = edge_masks(before)
        if masks is not None:
            self._ratio.add(masks, residual)
            self._noise_at_edges.add(masks, residual)
        self._correlation.add(index, output, residual)
        without_data = self._before.padding_mask(index)
        self._changed |= bool(np.any((output != before) & ~without_data & ~np.isnan(residual)))
        self._shifts.add(before, output, without_data=without_data, flat=None if masks is None else masks.flat)
        beside = mean_beside(self._before, index).astype(np.float32)
        self._texture.add(before, output, beside=beside, without_data=without_data)
        body = (before + output > 2 * BODY_ABOVE_HU) & ~without_data
        self._body.append(block_sums(body, residual, residual * residual))

    def result(self) -> Audit:
        """The audit of the sections so far."""
        texture = self._texture.result()
        correlation = self._correlation.result()
        mean, sd = _strength(self._body, texture, changed=self._changed)
        figures: tuple[AuditFigure, ...] = (mean, sd)
        nothing_taken = sd.level is AuditLevel.GREEN
        if not nothing_taken:
            figures += (
                judge_edge_ratio(self._ratio.result(), self._noise_at_edges.result()),
                *judge_edge_correlation(correlation, worst_section=self._correlation.worst_section),
                *judge_shifts(self._shifts.result()),
                *judge_texture(texture),
            )
        return Audit(figures, texture, len(self._body), self._correlation.worst_section)


def audit_volumes(
    before: MeasurableVolume,
    after: MeasurableVolume,
    *,
    sections: Sequence[int] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Audit:
    """Audit a whole result.

    Args:
        before: Input.
        after: Output on the same voxels.
        sections: Indices of the sections to look at, such as those denoised so far; `None` takes 24, evenly spread.
        on_progress: Called after each section with the number done and the number of all.

    Raises:
        DifferentGridError: The volumes have different numbers of voxels.

    Example:
        >>> audit = audit_volumes(noisy, denoised)
        >>> audit.level
        <AuditLevel.GREEN: 'green'>
    """
    if before.shape != after.shape:
        raise DifferentGridError(_different(before.shape, after.shape))
    meter = AuditMeter(before, sections=sections)
    for done, index in enumerate(meter.sections, start=1):
        meter.add(index, after.section(index))
        if on_progress is not None:
            on_progress(done, len(meter.sections))
    return meter.result()


def _strength(
    body: list[NDArray[np.float64]], texture: NoiseTexture | None, *, changed: bool
) -> tuple[AuditFigure, AuditFigure]:
    """Mean and standard deviation of the residual in the body."""
    sums = np.concatenate(body) if body else np.zeros((0, 3))
    if not len(sums):
        nothing = "No section shows anything denser than lung."
        return _mean_figure(None, nothing, level=AuditLevel.AMBER), _sd_figure(None, nothing, level=AuditLevel.AMBER)
    pixels, total, squares = sums.T
    if not changed:
        equal = "Nothing was taken away: the output equals the input."
        return _mean_figure(0.0, equal, level=AuditLevel.GREEN), _sd_figure(0.0, equal, level=AuditLevel.GREEN)
    mean, error = mean_with_error(pixels, total)
    sd = math.sqrt(max(float(squares.sum() / pixels.sum()) - mean**2, 0.0))
    noise = None if texture is None else texture.before.noise
    most = "" if noise is None else f"; the input has {noise:.1f} HU of noise in uniform tissue"
    return (
        _mean_figure(mean, f"In the body {number(mean, '+.2f')} HU were taken away on average.", error=error),
        _sd_figure(sd, f"{sd:.1f} HU were taken away in the body{most}.", noise=noise),
    )


def _mean_figure(
    value: float | None, sentence: str, *, error: float = 0.0, level: AuditLevel | None = None
) -> AuditFigure:
    chance = STANDARD_ERRORS * error
    return AuditFigure("mean", "Mean of the residual", value, "HU", error, (-chance, chance), level, sentence)


def _sd_figure(
    value: float | None, sentence: str, *, noise: float | None = None, level: AuditLevel | None = None
) -> AuditFigure:
    most = None if noise is None else (0.0, noise)
    return AuditFigure("sd", "Standard deviation of the residual", value, "HU", None, most, level, sentence)


def _different(one: tuple[int, ...], other: tuple[int, ...]) -> str:
    return f"Input and result must have the same voxels to be compared; they have shapes {one} and {other}."
