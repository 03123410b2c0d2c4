"""What a measurement gives back: tables on the terminal or one JSON object, and the files that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from ...atomic import check_file, file_in_the_making
from ...measure.record import MeasurementRecord
from ...measure.result_table import ResultTable
from ..console import error_terminal, print_json, terminal
from .errors import OptionError
from .images import LoadedImage, extent_in_words
from .show_table import Shown, print_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PLOTS = (".png", ".pdf")
_FILES = (".csv", ".json")


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was measured.

    Attributes:
        record: Everything, with settings and definitions; files and machines get the remarks among its notes.
        shown: What of it the terminal shows.
        csv: The table for a CSV file.
        remarks: What to know before trusting the figures, a sentence each.
        draw: Makes the plot.
        verdict: Lines above the tables, in rich markup.
        facts: What the figures were taken for, a sentence each.
    """

    record: MeasurementRecord
    shown: Sequence[Shown]
    csv: ResultTable
    draw: Callable[[], Figure]
    remarks: Sequence[str] = ()
    verdict: Sequence[str] = ()
    facts: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Where the findings go.

    Attributes:
        output: A .csv or .json file.
        plot: A .png or .pdf file.
        overwrite: Whether older files may be replaced.
        as_json: Whether the standard output gets one JSON object instead of tables.

    Raises:
        CTDenoiseError: A file has the wrong suffix, or is there already.
    """

    output: Path | None
    plot: Path | None
    overwrite: bool
    as_json: bool

    def __post_init__(self) -> None:
        for option, path, suffixes in (("--output", self.output, _FILES), ("--plot", self.plot, _PLOTS)):
            if path is None:
                continue
            if path.suffix.lower() not in suffixes:
                raise OptionError(f"{option} writes {' or '.join(suffixes)} files; name it {path.stem}{suffixes[0]}.")
            check_file(path, overwrite=self.overwrite)

    def give(self, images: Sequence[LoadedImage], findings: Findings) -> None:
        """Write the files, all or none, and print.

        Raises:
            CTDenoiseError: A disk is full or a place not writable.
        """
        record = replace(findings.record, notes=(*findings.record.notes, *findings.remarks))
        with ExitStack() as stack:
            for path, content in self._files(findings, record):
                place = stack.enter_context(file_in_the_making(path, overwrite=self.overwrite))
                place.write_bytes(content)
        if self.as_json:
            print_json(record.content())
        else:
            self._print(images, findings)

    def _files(self, findings: Findings, record: MeasurementRecord) -> Iterator[tuple[Path, bytes]]:
        if self.output is not None:
            as_csv = self.output.suffix.lower() == ".csv"
            # Spreadsheets take a CSV file without a mark at its start for one of an old code page.
            yield self.output, findings.csv.csv().encode("utf-8-sig") if as_csv else record.json().encode("utf-8")
        if self.plot is not None:
            from ...report.plot_page import rendered  # matplotlib takes a second to come

            yield self.plot, rendered(findings.draw(), self.plot)

    def _print(self, images: Sequence[LoadedImage], findings: Findings) -> None:
        warnings, console = error_terminal(), terminal()
        for loaded in images:
            console.print(f"[bold]{escape(loaded.name)}[/bold]  {escape(loaded.label)}", soft_wrap=True)
        console.print(f"[dim]LPS in mm: {extent_in_words(images[0].image.grid)}[/dim]\n", soft_wrap=True)
        for line in findings.verdict:
            console.print(line, soft_wrap=True)
        for shown in findings.shown:
            print_table(console, shown)
        for fact in findings.facts:
            console.print(escape(fact), soft_wrap=True)
        for remark in findings.remarks:
            warnings.print(f"[yellow]Note:[/yellow] {escape(remark)}", soft_wrap=True)
        for path in (self.output, self.plot):
            if path is not None:
                console.print(f"Written: [bold]{escape(str(path))}[/bold]", soft_wrap=True)
        console.print("Research use only.")
