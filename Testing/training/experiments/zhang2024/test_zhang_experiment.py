from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from CTDenoiseTrainLib.experiments.catalogue import find_experiment
from CTDenoiseTrainLib.experiments.experiment import Scale
from CTDenoiseTrainLib.experiments.run import run_experiment
from CTDenoiseTrainLib.experiments.zhang2024.settings import PAPER, PAPER_PSNR_DB, QUICK, TABLE_1

from .conftest import QuietWatcher

FIGURES = {
    "losses.png",
    "tests-62.5.png",
    "tests-625.png",
    "measures-62.5.png",
    "measures-625.png",
    "retraining-losses.png",
    "retrained.png",
    "retraining.png",
    "noise.png",
}


class Impatient(QuietWatcher):
    """Ends the experiment when a stage begins."""

    def __init__(self, last: str) -> None:
        super().__init__()
        self._last = last

    def step(self, name: str) -> None:
        if name == self._last:
            raise KeyboardInterrupt
        super().step(name)


def test_a_run_gives_tables_findings_and_figures_and_goes_on_where_it_was_cut_off(experiment, open_bench, tmp_path):
    folder = tmp_path / "cut-off"
    with pytest.raises(KeyboardInterrupt):
        run_experiment(experiment, open_bench(folder, Impatient("model-250")))
    watcher = QuietWatcher()
    result = run_experiment(experiment, open_bench(folder, watcher))
    assert watcher.stages[0] == "model-250"
    assert watcher.stages[-1] == "tests-retrained"

    titles = [table.title for table in result.tables]
    assert sum("Table 3" in title for title in titles) == 1
    assert len(titles) == 5
    assert len(result.findings) == 3
    assert set(result.figures) == FIGURES
    assert all((folder / name).stat().st_size > 5000 for name in FIGURES)
    _check_psnr(folder)


def _check_psnr(folder: Path) -> None:
    """Twelve tests, each beside the paper's value, the self-test 0 dB from itself."""
    record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    (rows,) = [table["rows"] for table in record["tables"] if "Table 3" in table["title"]]
    assert len(rows) == 12
    assert [row["paper_psnr"] for row in rows] == [mean for test in PAPER_PSNR_DB.values() for mean, _ in test.values()]
    assert rows[0]["to_self_test"] == rows[11]["to_self_test"] == 0


def test_the_catalogue_knows_the_experiment():
    experiment = find_experiment("zhang2024")
    assert experiment.configuration(Scale.QUICK) == QUICK
    assert experiment.configuration(Scale.PAPER) == PAPER
    # It is written down with the results.
    assert json.loads(json.dumps(asdict(PAPER)))["training"]["steps"] == 50_000


def test_the_photons_are_those_of_table_1():
    assert [r.pixel_um for r in TABLE_1] == [62.5, 125, 250, 375, 500, 625]
    assert all(r.label_photons == 5 * r.input_photons for r in TABLE_1)


@pytest.mark.parametrize("settings", [QUICK, PAPER])
def test_epochs_hold_the_steps_without_remainder(settings):
    assert settings.training.steps % settings.training.steps_per_epoch == 0
    assert all(r.steps % settings.retraining_steps_per_epoch == 0 for r in settings.retrainings)
