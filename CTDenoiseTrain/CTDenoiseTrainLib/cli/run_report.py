"""What a training came to, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.markup import escape

from CTDenoiseLib.cli.console import error_terminal, plain_table, print_facts, print_json, terminal
from CTDenoiseLib.cli.progress import in_words
from CTDenoiseLib.models import ModelCard

from ..runs.run_folder import RunFolder
from ..runs.run_result import PICTURE_FILE, RunResult
from .command_line import command_line


@dataclass
class RunReport:
    """A finished or stopped training.

    Attributes:
        run: Where it lies.
        result: What it came to.
        notes: Said while it went on.
        card: Of the model it was kept as, if it was.
        not_kept: Why it could not be kept, if it was to be.
    """

    run: RunFolder
    result: RunResult
    notes: Sequence[str]
    card: ModelCard | None = None
    not_kept: str | None = None

    def tell(self, *, as_json: bool) -> None:
        """Print it."""
        if as_json:
            print_json(self.content())
        else:
            self._print()

    def content(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        result, table = self.result, self.result.card["table"]
        return {
            "run": str(self.run.path),
            "epochs": result.epochs,
            "best_epoch": result.best_epoch,
            "complete": result.complete,
            "reason": result.reason,
            "seconds": result.seconds,
            "before_is": table["before_is"],
            "before": table["before"],
            "after": table["after"],
            "data": table["data"],
            "terms": table["terms"],
            "better": result.better,
            "facts": [list(fact) for fact in result.facts],
            "split": result.split,
            "notes": list(dict.fromkeys([*self.notes, *result.warnings])),
            "kept": None if self.card is None else self.card.name,
            "not_kept": self.not_kept,
            "research_use_only": True,
        }

    def _print(self) -> None:
        warnings = error_terminal()
        for note in self._notes():
            warnings.print(f"[yellow]Note:[/yellow] {escape(note)}", soft_wrap=True)
        console = terminal()
        rows = plain_table("On held-out sections", *self._columns())
        for row in self.result.table:
            rows.add_row(*map(escape, row))
        console.print(rows)
        print_facts(console, ((name, escape(value)) for name, value in self._facts()))
        console.print("Research use only.")

    @property
    def _before(self) -> str:
        """What the result is compared with."""
        parent = self.run.recipe().fine_tuning
        return "the input itself" if parent is None else f"“{parent.model}”"

    def _columns(self) -> tuple[str, str]:
        if self.result.card["table"]["before_is"] == "input":
            return "Input", "Output"
        return "Before", "After"

    def _notes(self) -> Iterator[str]:
        yield from (warning for warning in self.result.warnings if warning not in self.notes)
        if self.result.best_epoch == 0:
            yield f"No epoch was better than {self._before}, so there is nothing to keep."
        elif not self.result.better:
            yield f"By these figures the result is no better than {self._before}; look at it before you use it."
        if self.not_kept is not None and self.result.best_epoch > 0:
            yield f"The result was not kept: {self.not_kept}"

    def _facts(self) -> Iterator[tuple[str, str]]:
        # Torch is there by now.
        from ..validation.before_after import BeforeAfter

        result, run = self.result, self.run.path
        table = BeforeAfter.from_content(result.card["table"])
        yield "Measured on", table.data
        if table.after.rmse is not None:
            yield "RMSE, PSNR, SSIM", str(table.terms)
        yield "Ended", f"{result.reason} {in_words(result.seconds)} in all; best epoch: {result.best_epoch or 'none'}."
        yield "Split", result.split
        yield from result.facts
        yield "Run folder", str(run)
        yield "Picture", str(self.run.result / PICTURE_FILE)
        if not result.complete:
            yield "To go on", command_line("train", "--resume", run)
        if self.card is not None:
            yield "Kept as", f"{self.card.name}; see it with “ctdenoise models show {self.card.name}”"
        elif result.best_epoch > 0:
            yield "To keep it", command_line("keep", run)
