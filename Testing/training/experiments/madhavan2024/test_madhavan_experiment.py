"""The experiment from simulated patients to the result."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from CTDenoiseLib.networks import HRCNN
from CTDenoiseTrainLib.experiments.experiment import ExperimentResult, Scale
from CTDenoiseTrainLib.experiments.madhavan2024 import EXPERIMENT
from CTDenoiseTrainLib.experiments.madhavan2024.experiment import MyelographyExperiment
from CTDenoiseTrainLib.experiments.madhavan2024.findings import all_findings
from CTDenoiseTrainLib.experiments.madhavan2024.images import DENOISED, ITERATIVE, SHARP, SMOOTH
from CTDenoiseTrainLib.experiments.madhavan2024.measure import Results
from CTDenoiseTrainLib.experiments.madhavan2024.settings import PAPER
from CTDenoiseTrainLib.experiments.madhavan2024.spine_measures import RodResolution, SpineFigures
from CTDenoiseTrainLib.experiments.madhavan2024.vein_measures import VeinFigures
from CTDenoiseTrainLib.experiments.run import run_experiment
from CTDenoiseTrainLib.experiments.workbench import Workbench
from CTDenoiseTrainLib.simulate.spine_veins import DIAMETERS_MM
from support.tiny_experiment import PROCESSOR, ListeningWatcher


@pytest.fixture
def run(tmp_path: Path, tiny_experiment: MyelographyExperiment):
    def start() -> tuple[ExperimentResult, ListeningWatcher]:
        watcher = ListeningWatcher()
        bench = Workbench.open(tmp_path / "run", tiny_experiment, Scale.QUICK, backend=PROCESSOR, watcher=watcher)
        return run_experiment(tiny_experiment, bench), watcher

    return start


def test_the_whole_experiment_runs_and_a_second_start_finds_everything(run, tmp_path: Path) -> None:
    result, watcher = run()
    assert watcher.steps[:4] == ["noise-maps", "patient-1", "patient-2", "network"]
    assert all((tmp_path / "run" / name).stat().st_size > 10_000 for name in result.figures)
    images, retained, seen, detected, kinds, maps = result.tables
    assert [row[0] for row in images.rows] == [SMOOTH, SHARP, ITERATIVE, DENOISED]
    assert len(retained.rows) == len(seen.rows) == len(detected.rows) == 4
    assert len(kinds.rows) == 25
    assert len(maps.rows) == 2
    smooth, sharp, iterative, _ = [row[1] for row in images.rows]
    assert iterative < smooth < sharp or smooth < iterative < sharp
    assert any("not-there" in note for note in result.notes)
    again, watcher = run()
    assert not watcher.steps
    assert json.dumps(again.content()) == json.dumps(result.content())


def test_findings_follow_from_the_figures() -> None:
    good = results(denoised=figures(noise=40.0, f50=1.75, retained=0.9, cnr=6.0))
    assert [finding.shown for finding in all_findings(good)] == [True] * 5
    noisy = results(denoised=figures(noise=90.0, f50=1.75, retained=0.9, cnr=6.0))
    assert [finding.shown for finding in all_findings(noisy)] == [False, True, True, True, True]
    blurred = results(denoised=figures(noise=40.0, f50=1.5, retained=0.3, cnr=2.5))
    assert [finding.shown for finding in all_findings(blurred)] == [True, False, False, False, False]
    unknown = results(denoised=figures(noise=40.0, f50=None, retained=0.9, cnr=6.0))
    assert all_findings(unknown)[1].shown is None


def test_the_paper_scale_is_the_papers() -> None:
    assert EXPERIMENT.configuration(Scale.PAPER) is PAPER
    assert json.dumps(asdict(PAPER))
    scan, training = PAPER.training_scan, PAPER.training
    assert (scan.pixel_mm, scan.increment_mm, PAPER.patients) == (0.15, 0.2, 7)
    assert (training.epochs, training.batch, training.highest_rate, training.lowest_rate) == (200, 16, 1e-3, 1e-5)
    assert (PAPER.patches.shift_pixels, PAPER.target_sections) == (15, 2)
    with torch.device("meta"):
        network = HRCNN(**PAPER.network)
        assert network(torch.zeros(1, 7, 64, 64)).shape == (1, 1, 64, 64)
    assert sum(tensor.numel() for tensor in network.parameters()) == pytest.approx(13.2e6, rel=0.01)


def figures(*, noise: float, f50: float | None, retained: float, cnr: float) -> SpineFigures:
    veins = tuple(VeinFigures(diameter, 300.0, True, retained, cnr * noise, cnr, 3 * cnr) for diameter in DIAMETERS_MM)
    return SpineFigures(noise, 1.3, RodResolution(f50, 0.02, 3.0), 0.0, 0.0, veins)


def results(*, denoised: SpineFigures) -> Results:
    smooth = figures(noise=25.0, f50=0.6, retained=0.4, cnr=4.0)
    sharp = figures(noise=160.0, f50=None, retained=1.0, cnr=1.5)
    return Results({SMOOTH: (smooth,), SHARP: (sharp,), DENOISED: (denoised,)}, (1.8,))
