"""A training in words: how far it is, what the data are, and what it came to."""

from __future__ import annotations

import time
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from slicer.i18n import tr as _

from CTDenoisePanel.progress_text import duration

if TYPE_CHECKING:
    from CTDenoiseTrainLib.runs.run_state import RunState
    from CTDenoiseTrainLib.worker.messages import DataSeen, StepDone, Trained

    from .training_runner import Outcome

_WARNING = '<span style="color:#b26a00">&#9888;</span>'


def step_line(step: StepDone) -> str:
    """Such as “Epoch 3 of 10, 161 samples/s, 3 min 5 s left”."""
    return _("Epoch {epoch} of {epochs}, {rate} samples/s, {left} left").format(
        epoch=step.epoch,
        epochs=step.epochs,
        rate=f"{step.samples_per_second:.3g}",
        left=duration(step.seconds_remaining),
    )


def step_details(step: StepDone) -> str:
    """What a physicist asks besides."""
    return _(
        "Step {step} of {steps}, loss {loss}, learning rate {rate}; {share} % of the time waiting for data"
    ).format(
        step=step.step,
        steps=step.steps,
        loss=f"{step.loss:.4g}",
        rate=f"{step.rate:.2g}",
        share=f"{100 * step.data_share:.0f}",
    )


def step_percent(step: StepDone) -> int:
    """Share that is done; 100 only at the very end."""
    return step.step * 100 // max(step.steps, 1)


def look_page(seen: DataSeen) -> str:
    """HTML: warnings first, then how the sections are split, then the facts."""
    split = _("{training} sections to learn from, {held_out} held out. {split}").format(
        training=seen.training_sections, held_out=seen.validation_sections, split=seen.split
    )
    lines = [*(f"{_WARNING} {escape(sentence)}" for sentence in seen.warnings), escape(split)]
    return "".join(f"<p>{line}</p>" for line in lines) + _table(seen.facts)


def result_page(outcome: Outcome) -> str:
    """HTML: what it came to in a sentence, and the figures before and after."""
    heading = (_("Held-out sections"), _("Before"), _("After"))
    best = _("Best: epoch {best} of {epochs}.").format(best=outcome.best_epoch, epochs=outcome.epochs)
    worse = _("By these figures the result is no better than before; look at it before you use it.")
    none = _("No epoch was better than the start, so there is nothing to keep; train on, or with other data.")
    gained = outcome.best_epoch > 0
    doubt = "" if outcome.better and gained else f"<p>{_WARNING} {escape(worse if gained else none)}</p>"
    sentence = f"{outcome.reason} {best}" if gained else outcome.reason
    return f"<p>{escape(sentence)}</p>{doubt}{_table(outcome.table, heading=heading)}"


def ended_line(result: Trained) -> str:
    """Such as “Training has ended after 10 epochs in 3 min 5 s.”."""
    return _("Training has ended after {epochs} epochs in {time}; see the result below.").format(
        epochs=result.epochs, time=duration(result.seconds)
    )


def run_line(run: RunState) -> str:
    """Such as “own-qr89: 12 of 100 epochs, 3 h 5 min ago”."""
    since = duration(max(0.0, time.time() - (run.last_checkpoint_time or 0.0)))
    if run.complete:
        return _("{name}: finished {time} ago, neither kept nor discarded").format(name=run.name, time=since)
    return _("{name}: {done} of {epochs} epochs, {time} ago").format(
        name=run.name, done=run.epochs_done, epochs=run.epochs, time=since
    )


def _table(rows: Iterable[tuple[str, ...]], *, heading: tuple[str, ...] = ()) -> str:
    """Texts in columns; below a heading, figures are aligned to the right."""
    align = "right" if heading else "left"
    lines = [_cells("th", heading, align)] if heading else []
    lines += [_cells("td", row, align) for row in rows]
    return f"<table cellspacing=2>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _cells(kind: str, texts: tuple[str, ...], align: str) -> str:
    aligns = ("left", *[align] * (len(texts) - 1))
    cells = zip(aligns, texts, strict=True)
    return "".join(f"<{kind} align={align}>{escape(text)}&nbsp;&nbsp;</{kind}>" for align, text in cells)
