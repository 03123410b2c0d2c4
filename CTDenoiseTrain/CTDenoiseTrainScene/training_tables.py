"""Tables of a training: what the data are, the epochs, and figures before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from CTDenoiseLib.measure.result_table import Column, ResultTable

if TYPE_CHECKING:
    from CTDenoiseTrainLib.worker.messages import DataSeen, EpochDone, Trained

# The table is made anew after each epoch, and after a resume for all epochs at once.
MOST_EPOCHS = 100


def data_table(seen: DataSeen) -> ResultTable:
    """What was found about the data; its warnings, sentences that no cell has room for, are left out."""
    rows = (
        *seen.facts,
        ("Sections to learn from", str(seen.training_sections)),
        ("Sections held out", str(seen.validation_sections)),
    )
    return ResultTable("Data of the training", (Column("name", "Data"), Column("value", "Value")), rows)


def epochs_table(epochs: Sequence[EpochDone]) -> ResultTable:
    """Figures on validation sections after the latest epochs, the last one first; the best one so far is marked.

    It stays there even where it is one of those before, all of which are in the log of the run.
    """
    best = max((epoch.epoch for epoch in epochs if epoch.best), default=None)
    latest_first = sorted(epochs, key=lambda epoch: -epoch.epoch)
    shown = [*latest_first[:MOST_EPOCHS], *(epoch for epoch in latest_first[MOST_EPOCHS:] if epoch.epoch == best)]
    columns = (
        Column("epoch", "Epoch"),
        Column("rmse", "RMSE", "HU"),
        Column("psnr", "PSNR", "dB"),
        Column("ssim", "SSIM"),
        Column("noise_reduction", "Noise taken away", "%"),
        Column("residual_index", "Residual index"),
    )
    rows = (
        (
            f"{epoch.epoch} best" if epoch.epoch == best else str(epoch.epoch),
            *(epoch.rmse, epoch.psnr, epoch.ssim, epoch.noise_reduction, epoch.residual_index),
        )
        for epoch in shown
    )
    return ResultTable("Epochs of the training", columns, tuple(rows))


def result_table(result: Trained) -> ResultTable:
    """Figures before and after on sections that the network never saw."""
    columns = (Column("name", "Held-out sections"), Column("before", "Before"), Column("after", "After"))
    return ResultTable("Result of the training", columns, result.table)
