"""The table of epochs as CSV. It is written anew after each epoch, so that it says what the last checkpoint says."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from CTDenoiseLib.atomic import file_in_the_making

from ..training.news import EpochNews

_COLUMNS = (
    *("epoch", "training_loss", "validation_loss", "rmse_hu", "psnr_db", "ssim", "noise_reduction_percent"),
    *("residual_index", "best", "seconds"),
)


def write_epoch_log(path: Path, history: Iterable[EpochNews]) -> None:
    """Write the table, a row for each epoch; what is not known is empty.

    Raises:
        WriteFailedError: The disk does not take it; the older table stays.
    """
    with file_in_the_making(path, overwrite=True) as making, making.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(_COLUMNS)
        table.writerows(_row(news) for news in history)


def _row(news: EpochNews) -> list[str]:
    figures = news.validation
    values = (
        *(news.loss, figures.loss, figures.rmse, figures.psnr, figures.ssim, figures.noise_reduction),
        figures.residual_index,
    )
    return [
        str(news.epoch),
        *("" if value is None else f"{value:.7g}" for value in values),
        str(int(news.best)),
        f"{news.seconds:.1f}",
    ]
