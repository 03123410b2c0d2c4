"""The figures of all image series of the unseen patients, each measured once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..workbench import Workbench
from .images import ITERATIVE, SHARP, SMOOTH, DenoisedSeries, UnseenPatient
from .spine_measures import SpineFigures, measure_images, measure_spine, rod_resolution
from .vein_measures import VeinFigures


@dataclass(frozen=True)
class Results:
    """Figures of the unseen patients.

    Attributes:
        series: For each image series, by name, the figures of each patient.
        kernel_f50: Resolution of the sharp kernel without noise in mm⁻¹, of each patient.
    """

    series: Mapping[str, tuple[SpineFigures, ...]]
    kernel_f50: tuple[float, ...]

    def mean(self, name: str, figure: Callable[[SpineFigures], float]) -> float:
        """Mean of a figure of a series over the patients."""
        return float(np.mean([figure(figures) for figures in self.series[name]]))

    def noise_reduction(self, name: str) -> float:
        """Share of the sharp kernel's noise that is gone, mean of the patients."""
        pairs = zip(self.series[name], self.series[SHARP], strict=True)
        return float(np.mean([1 - now.noise_hu / before.noise_hu for now, before in pairs]))

    def f50(self, name: str) -> float:
        """Mean resolution of a series in mm⁻¹; NaN if it could not be measured in each patient."""
        return float(np.mean([_number(figures.rod.f50_per_mm) for figures in self.series[name]]))

    def f50_error(self, name: str) -> float:
        """Standard uncertainty of `f50` in mm⁻¹."""
        errors = [_number(figures.rod.f50_error) for figures in self.series[name]]
        return float(np.sqrt(np.square(errors).sum()) / len(errors))

    def f50_change(self, name: str) -> float:
        """Resolution over that of the kernel itself, − 1."""
        pairs = zip(self.series[name], self.kernel_f50, strict=True)
        return float(np.mean([_number(figures.rod.f50_per_mm) / kernel - 1 for figures, kernel in pairs]))

    def veins(self, name: str, diameter: float, *, least_hu: float = 0.0, most_hu: float = np.inf) -> VeinSummary:
        """Veins of a diameter and of contrasts within limits, over all patients."""
        return VeinSummary.of(
            [
                vein
                for figures in self.series[name]
                for vein in figures.veins
                if vein.diameter_mm == diameter and least_hu <= vein.contrast_hu <= most_hu
            ]
        )


@dataclass(frozen=True)
class Mean:
    """Of a figure over some veins.

    Attributes:
        value: The mean; NaN of none.
        error: Its standard error; NaN of a single one.
    """

    value: float
    error: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Mean:
        """Mean with its error."""
        count = len(values)
        error = float(np.std(values, ddof=1) / np.sqrt(count)) if count > 1 else float("nan")
        return cls(float(np.mean(values)) if count else float("nan"), error)


@dataclass(frozen=True)
class VeinSummary:
    """Veins of one kind.

    Attributes:
        retained: What is left of them, 1 for all.
        cnr: Contrast-to-noise ratio.
        detectability: d′, see `VeinFigures`.
    """

    retained: Mean
    cnr: Mean
    detectability: Mean

    @classmethod
    def of(cls, veins: Sequence[VeinFigures]) -> VeinSummary:
        """Means over veins."""
        return cls(
            Mean.of([vein.retained for vein in veins]),
            Mean.of([vein.cnr for vein in veins]),
            Mean.of([vein.detectability for vein in veins]),
        )


def measured(bench: Workbench, patients: Iterable[UnseenPatient], denoised: Sequence[DenoisedSeries]) -> Results:
    """Measure what was not measured yet: the reconstructions of each unseen patient, and the sharp one denoised."""
    series: dict[str, list[SpineFigures]] = {}
    kernel_f50 = []
    for patient in patients:
        stage = f"unseen-{patient.number + 1}"
        found = bench.figures(f"{stage}-reconstructions", partial(_reconstructions, patient))
        kernel_f50.append(found.pop("kernel_f50"))
        for one in denoised:
            found[one.name] = bench.figures(f"{stage}-{one.key}", partial(_denoised, patient, one))
        for name, content in found.items():
            series.setdefault(name, []).append(SpineFigures.of(content))
    return Results({name: tuple(figures) for name, figures in series.items()}, tuple(kernel_f50))


def _denoised(patient: UnseenPatient, series: DenoisedSeries) -> dict[str, Any]:
    return measure_spine(patient.exam, series.open()).content()


def _reconstructions(patient: UnseenPatient) -> dict[str, Any]:
    exam, smooth = patient.exam, patient.smooth_exam
    return {
        SMOOTH: measure_images(exam, smooth.noisy, smooth.probe).content(),
        SHARP: measure_images(exam, exam.noisy, exam.probe).content(),
        ITERATIVE: measure_spine(exam, patient.iterative).content(),
        "kernel_f50": rod_resolution(exam, exam.probe_truth).f50_per_mm,
    }


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
