"""Training on the terminal: a line for each epoch, a bar below, and Ctrl-C as a stop that loses nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from CTDenoiseLib.cli.console import error_terminal
from CTDenoiseLib.cli.progress import in_words
from CTDenoiseLib.measure.audit.words import number

from ..training.news import EpochNews, StepNews, StoppedError

_COLUMNS = ("epoch", "loss/HU²", "validation", "RMSE/HU", "PSNR/dB", "SSIM", "noise", "edge ratio")
_LINE = "{:>5}  {:>9} {:>10} {:>8} {:>8} {:>7} {:>7} {:>11}"


class TerminalObserver:
    """An `Observer` that tells what it sees on the standard error.

    Args:
        bars: Where the bar is drawn.
        console: Where lines go.
    """

    def __init__(self, bars: Progress, console: Console) -> None:
        self.notes: list[str] = []
        self._bars = bars
        self._console = console
        self._task: TaskID = bars.add_task("Preparing", total=None, state="")
        self._header_shown = False
        self._stop_asked = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether somebody asked for the end."""
        return self._stop_asked.is_set()

    def ask_to_stop(self) -> None:
        """End training as soon as what is done is saved."""
        self._stop_asked.set()
        self._bars.update(self._task, description="Stopping", total=None, state="")

    def check(self) -> None:
        """See whether training is to end.

        Raises:
            StoppedError: It is.
        """
        if self.stopping:
            raise StoppedError

    def on_step(self, news: StepNews) -> None:
        """Move the bar."""
        state = (
            f"loss {_in_full(news.loss)}, {news.samples_per_second:.0f} samples/s "
            f"({100 * news.data_share:.0f} % waiting for data), {in_words(news.seconds_remaining)} left"
        )
        self._bars.update(
            self._task,
            description=f"Epoch {news.epoch}/{news.epochs}",
            completed=news.step,
            total=news.steps,
            state=state,
        )

    def on_epoch(self, news: EpochNews) -> None:
        """Print the figures of an epoch."""
        if not self._header_shown:
            self._header_shown = True
            self._console.print(f"[dim]{_LINE.format(*_COLUMNS)}[/dim]")
        figures = news.validation
        less_noise = figures.noise_reduction
        line = _LINE.format(
            news.epoch,
            "–" if news.loss is None else _in_full(news.loss),
            "–" if figures.loss is None else _in_full(figures.loss),
            _cell(figures.rmse, ".2f"),
            _cell(figures.psnr, ".2f"),
            _cell(figures.ssim, ".4f"),
            _cell(None if less_noise is None else -less_noise, "+.0f", " %"),
            _cell(figures.residual_index, ".2f"),
        )
        if news.epoch == 0:
            line += "  start"
        elif news.best:
            line = f"[green]{line}  best[/green]"
        self._console.print(line, soft_wrap=True)

    def on_note(self, sentence: str) -> None:
        """Print what the user should know, and remember it; what is being done now is shown only."""
        if sentence.endswith("…"):
            self._bars.update(self._task, description=escape(sentence))
            return
        self.notes.append(sentence)
        self._console.print(escape(sentence), soft_wrap=True)


@contextmanager
def watched_training(*, silent: bool) -> Iterator[TerminalObserver]:
    """An observer whose training Ctrl-C and SIGTERM stop, with everything saved; a second time they end the program."""
    console = Console(quiet=True) if silent else error_terminal()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"))
    bars = Progress(*columns, console=console, transient=True, disable=silent or not console.is_terminal)
    with bars:
        observer = TerminalObserver(bars, console)
        with _stopping_by_signal(observer, console):
            yield observer


@contextmanager
def _stopping_by_signal(observer: TerminalObserver, console: Console) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        console.print("Stopping: what is done is being saved. Once more ends at once.")
        for which in (signal.SIGINT, signal.SIGTERM):
            signal.signal(which, signal.default_int_handler)
        observer.ask_to_stop()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, Any] = {which: signal.signal(which, stop) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def _cell(value: float | None, form: str, unit: str = "") -> str:
    return "–" if value is None else f"{number(value, form)}{unit}"


def _in_full(value: float) -> str:
    """A loss to four digits, without an exponent as far as it goes: 16880, 4253, 0.1234."""
    return f"{float(f'{value:.4g}'):.10g}"
