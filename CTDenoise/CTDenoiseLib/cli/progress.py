"""Progress on the terminal: a bar with slices per second and the remaining time; silent where nobody watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from .console import error_terminal

if TYPE_CHECKING:
    from ..inference import Progress


class RunProgress:
    """Shows the steps of a run."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def step(self, name: str, *, total: int | None = None) -> None:
        """Begin a step; without a total its bar only moves."""
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(name, total=total, state="")

    def expect(self, seconds: float) -> None:
        """Show how long the step will take, until it shows so itself."""
        if self._task is not None:
            self._bars.update(self._task, state=f"about {in_words(seconds)}")

    def advance(self, progress: Progress) -> None:
        """Show how far the denoiser is."""
        if self._task is not None:
            rate, left = progress.sections_per_second, in_words(progress.seconds_remaining)
            state = f"{progress.done}/{progress.total}  {rate:.2f} slices/s, {left} left"
            self._bars.update(self._task, completed=progress.done, state=state)

    def count(self, done: int, total: int) -> None:
        """Show how far a step is that tells no rate."""
        if self._task is not None:
            self._bars.update(self._task, completed=done, total=total, state=f"{done}/{total}")


@contextmanager
def run_progress(*, silent: bool) -> Iterator[RunProgress]:
    """A bar on the standard error, unless silence is asked for or it is no terminal."""
    console = error_terminal()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"))
    with Bars(*columns, console=console, transient=True, disable=silent or not console.is_terminal) as bars:
        yield RunProgress(bars)


def in_words(seconds: float) -> str:
    """Such as "42 s", "3 min 5 s" or "2 h 10 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
