from __future__ import annotations

import csv

from CTDenoiseTrainLib.runs.epoch_log import write_epoch_log
from CTDenoiseTrainLib.training.news import EpochNews, ValidationFigures


def news(epoch: int, **figures: float) -> EpochNews:
    names = ("loss", "rmse", "psnr", "ssim", "noise_reduction", "residual_index")
    validation = ValidationFigures(**{name: figures.get(name) for name in names})
    return EpochNews(epoch=epoch, loss=None if epoch == 0 else 1.5, validation=validation, best=epoch == 1, seconds=2.0)


def test_each_epoch_has_a_row_and_what_is_unknown_is_empty(tmp_path):
    write_epoch_log(tmp_path / "log.csv", [news(0, loss=400.0), news(1, loss=100.0, ssim=0.5)])
    rows = list(csv.DictReader((tmp_path / "log.csv").read_text().splitlines()))
    assert [(row["epoch"], row["training_loss"], row["validation_loss"], row["ssim"], row["best"]) for row in rows] == [
        ("0", "", "400", "", "0"),
        ("1", "1.5", "100", "0.5", "1"),
    ]
    assert rows[1]["rmse_hu"] == ""


def test_writing_again_doubles_no_row(tmp_path):
    for count in (1, 2, 2):
        write_epoch_log(tmp_path / "log.csv", [news(epoch) for epoch in range(count)])
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 1 + 2
