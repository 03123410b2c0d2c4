"""What an experiment is and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from CTDenoiseLib.measure.result_table import ResultTable

if TYPE_CHECKING:
    from .workbench import Workbench


class Scale(str, Enum):
    """How large an experiment is: for two cores in an hour, or as the paper did it, for a GPU."""

    QUICK = "quick"
    PAPER = "paper"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A statement of the paper, and whether this run shows it.

    Attributes:
        statement: As a sentence.
        shown: Whether it holds here; `None` where this run cannot tell.
        evidence: The figures that say so, as a sentence.
    """

    statement: str
    shown: bool | None
    evidence: str


@dataclass(frozen=True, kw_only=True)
class ExperimentResult:
    """What an experiment comes to.

    Attributes:
        tables: Measured figures.
        findings: The paper's statements, and whether they hold here.
        figures: Names of the pictures (.png) in the folder of the experiment, with what they show.
        notes: What a reader must know, a sentence each: differences from the paper, what was left out and why.
    """

    tables: tuple[ResultTable, ...]
    findings: tuple[Finding, ...]
    figures: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def content(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "tables": [table.content() for table in self.tables],
            "findings": [asdict(finding) for finding in self.findings],
            "figures": dict(self.figures),
            "notes": list(self.notes),
        }


class Experiment(Protocol):
    """An experiment that repeats a paper.

    Attributes:
        name: For the command line, such as "zhang2024".
        title: What it is about, a line.
        paper: Where it was published.
    """

    name: str
    title: str
    paper: str

    def configuration(self, scale: Scale) -> object:
        """A frozen dataclass of everything that decides the figures at this scale, ready for `dataclasses.asdict`."""

    def run(self, bench: Workbench) -> ExperimentResult:
        """Do what is not done yet, and put it together."""
