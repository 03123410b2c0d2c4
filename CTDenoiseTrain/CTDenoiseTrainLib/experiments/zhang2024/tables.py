"""The tables of the result, beside the paper's own figures."""

from __future__ import annotations

from collections.abc import Iterator

from CTDenoiseLib.measure.result_table import Cell, Column, ResultTable

from .measure import SOFT_WINDOW_HU, CrossTest, Spread
from .models import pictures_of
from .outcome import Outcome
from .settings import PAPER_NRMSE_PERCENT, PAPER_PSNR_DB, PAPER_SSIM

_WINDOW = "{:g} to {:g} HU".format(*SOFT_WINDOW_HU)
_RESIDUAL = (
    *(Column("residual_variance", "Residual variance", "HU²"), Column("residual_variance_sd", "± SD", "HU²")),
    *(Column("nrmse", "NRMSE", "%"), Column("nrmse_sd", "± SD", "%")),
    *(Column("ssim", "SSIM"), Column("ssim_sd", "± SD")),
    *(Column("window_ssim", f"SSIM within {_WINDOW}"), Column("window_ssim_sd", "± SD")),
)


def tables_of(outcome: Outcome) -> tuple[ResultTable, ...]:
    """All tables."""
    return _noise(outcome), _training(outcome), _psnr(outcome), _residuals(outcome), _retraining(outcome)


def _noise(outcome: Outcome) -> ResultTable:
    rows: list[tuple[Cell, ...]] = []
    for resolution in outcome.scans.settings.resolutions:
        noise = outcome.noise[resolution.key]
        photons = resolution.input_photons, resolution.label_photons
        rows.append((resolution.name, *photons, noise["body"], noise["centre"], noise["psnr"]))
    columns = (
        Column("resolution", "Resolution"),
        Column("input_photons", "Photons of the input"),
        Column("label_photons", "Photons of the label"),
        Column("body", "Noise of the input in the body", "HU"),
        Column("centre", "Noise around the centre", "HU"),
        Column("psnr", "PSNR of the input", "dB"),
    )
    return ResultTable("Noise of the inputs (test pictures)", columns, tuple(rows))


def _training(outcome: Outcome) -> ResultTable:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (resolution.name, model.steps, model.losses[-1], round(model.seconds))
        for resolution, model in outcome.models.items()
    )
    columns = (
        Column("model", "Model"),
        Column("steps", "Steps"),
        Column("loss", "Loss of the last epoch", "HU²"),
        Column("seconds", "Time of training", "s"),
    )
    return ResultTable("Training (Table 2, Fig. 2)", columns, rows)


def _psnr(outcome: Outcome) -> ResultTable:
    rows: list[tuple[Cell, ...]] = []
    for test, models in outcome.tests():
        own = models[test].psnr.mean
        paper = PAPER_PSNR_DB.get(test.pixel_um, {})
        for model, found in models.items():
            names = f"{test.name} LDCT", f"{model.name} model"
            ours = outcome.noise[test.key]["psnr"], found.psnr.mean, found.psnr.sd, found.psnr.mean - own
            rows.append((*names, *ours, *paper.get(model.pixel_um, (None, None))))
    columns = (
        Column("test", "Test"),
        Column("model", "Model"),
        Column("input_psnr", "PSNR of the input", "dB"),
        Column("psnr", "PSNR", "dB"),
        Column("psnr_sd", "± SD", "dB"),
        Column("to_self_test", "Against the self-test", "dB"),
        Column("paper_psnr", "Paper", "dB"),
        Column("paper_psnr_sd", "± SD of the paper", "dB"),
    )
    return ResultTable("PSNR against the noise-free truth (Table 3)", columns, tuple(rows))


def _residuals(outcome: Outcome) -> ResultTable:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (f"{test.name} LDCT", f"{model.name} model", *_residual(found))
        for test, models in outcome.tests()
        for model, found in models.items()
        if model != test
    )
    columns = Column("test", "Test"), Column("model", "Model"), *_RESIDUAL
    return ResultTable("Cross-tests against the self-test (Figs 5 and 8)", columns, rows)


def _retraining(outcome: Outcome) -> ResultTable:
    settings = outcome.scans.settings
    without = outcome.finest[settings.coarsest]
    rows: list[tuple[Cell, ...]] = [
        ("none", 0, 0, without.psnr.mean, *_residual(without), PAPER_NRMSE_PERCENT["without"], PAPER_SSIM["without"])
    ]
    for retraining, found in outcome.after_retraining.items():
        pictures = pictures_of(retraining, settings.training_pictures)
        paper = PAPER_NRMSE_PERCENT.get(retraining.key), PAPER_SSIM.get(retraining.key)
        steps = outcome.retrained[retraining].steps
        rows.append((retraining.name, pictures, steps, found.psnr.mean, *_residual(found), *paper))
    columns = (
        Column("share", "Share of the data"),
        Column("pictures", "Pictures"),
        Column("steps", "Steps until it stopped"),
        Column("psnr", "PSNR", "dB"),
        *_RESIDUAL,
        Column("paper_nrmse", "NRMSE of the paper", "%"),
        Column("paper_ssim", "SSIM of the paper"),
    )
    finest, coarsest = settings.finest.name, settings.coarsest.name
    title = f"{coarsest} model retrained with {finest} pictures, on {finest} LDCT (Fig. 11)"
    return ResultTable(title, columns, tuple(rows))


def _residual(found: CrossTest) -> Iterator[float]:
    spreads: tuple[Spread, ...] = (found.residual_variance, found.nrmse, found.ssim, found.window_ssim)
    for spread in spreads:
        yield spread.mean
        yield spread.sd
