"""The experiment, from scans to findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..experiment import ExperimentResult, Scale
from ..workbench import Workbench
from .figures import draw_figures
from .findings import findings_of
from .notes import notes_of
from .outcome import outcome_of
from .scans import Scans
from .settings import PAPER, QUICK, Settings
from .tables import tables_of


def _scales() -> dict[Scale, Settings]:
    return {Scale.QUICK: QUICK, Scale.PAPER: PAPER}


@dataclass(frozen=True)
class Zhang2024:
    """U-Nets of six resolutions, each tested on the finest and the coarsest, and one retrained with little data.

    Attributes:
        scales: Settings by scale.
    """

    name: str = "zhang2024"
    title: str = "A U-Net carried over between resolutions of low-dose CT"
    paper: str = (
        "Zhang et al., Transferring U-Net between low-dose CT denoising tasks: a validation study with varied spatial "
        "resolutions, Quant Imaging Med Surg 2024;14:640–652, doi 10.21037/qims-23-768"
    )
    scales: Mapping[Scale, Settings] = field(default_factory=_scales)

    def configuration(self, scale: Scale) -> Settings:
        """The settings of a scale."""
        return self.scales[scale]

    def run(self, bench: Workbench) -> ExperimentResult:
        """Do what is not done yet, and put it together."""
        outcome = outcome_of(Scans(bench, self.configuration(bench.scale)))
        return ExperimentResult(
            tables=tables_of(outcome),
            findings=findings_of(outcome),
            figures=draw_figures(outcome),
            notes=notes_of(outcome),
        )
