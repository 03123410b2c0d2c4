from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.inference import Backend
from CTDenoiseTrainLib.experiments.experiment import ExperimentResult, Scale
from CTDenoiseTrainLib.experiments.run import run_experiment
from CTDenoiseTrainLib.experiments.srdlr.experiment import SuperResolutionExperiment
from CTDenoiseTrainLib.experiments.srdlr.learning import both_trained
from CTDenoiseTrainLib.experiments.srdlr.pairs import PatchPairs, TrainingMaterial
from CTDenoiseTrainLib.experiments.srdlr.settings import PAPER, QUICK, LearningSettings, Settings
from CTDenoiseTrainLib.experiments.workbench import ExperimentError, Workbench

TINY = replace(
    QUICK,
    object_pixel_mm=0.25,
    views=90,
    phantoms=4,
    draws=2,
    block=3,
    repeats=8,
    target_repeats=3,
    learning=LearningSettings(
        configuration={"context": 0, "width": 4}, patch=32, batch=4, steps=8, epochs=2, highest_rate=1e-3
    ),
)


class TinyExperiment(SuperResolutionExperiment):
    def configuration(self, scale: Scale) -> Settings:
        return TINY


class Watcher:
    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, name: str) -> None:
        self.steps.append(name)

    def count(self, done: int, total: int) -> None: ...

    def note(self, sentence: str) -> None: ...


def bench(folder: Path, watcher: Watcher) -> Workbench:
    return Workbench.open(
        folder, TinyExperiment(), Scale.QUICK, backend=Backend("cpu", "fp32"), watcher=watcher, data=None
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("srdlr") / "run"
    watcher = Watcher()
    return folder, watcher, run_experiment(TinyExperiment(), bench(folder, watcher))


@pytest.fixture
def material(rng):
    shape = (3, TINY.matrix, TINY.matrix)
    same, sharp = (rng.normal(size=shape).astype(np.float32) for _ in range(2))
    return TrainingMaterial(rng.normal(size=(3, 2, *shape[1:])).astype(np.float32), same, sharp)


def against_input(result: ExperimentResult, quantity: str) -> dict[str, float]:
    """The row of a quantity in the first table."""
    table = result.tables[0]
    row = next(row for row in table.rows if str(row[0]).startswith(quantity))
    return {column.key: cell for column, cell in zip(table.columns, row, strict=True)}


def test_a_run_writes_tables_findings_and_pictures(finished):
    folder, _, result = finished
    content = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert {"input", "dlr", "dlr_share", "sr_dlr", "sr_dlr_share"} < set(content["tables"][0]["rows"][0])
    assert len(content["findings"]) == 6
    assert all((folder / name).stat().st_size > 10_000 for name in result.figures)


def test_the_targets_are_as_sharp_and_sharper_and_less_noisy(finished):
    noise, f50, slope, distance = (
        against_input(finished[2], quantity) for quantity in ("Noise", "TTF50", "Edge slope", "Edge distance")
    )
    # A hundred times the photons leave a tenth of the noise; three scans tell it within 5 %.
    assert noise["target_of_dlr"] == pytest.approx(noise["input"] / 10, rel=0.1)
    # The rod of 400 HU in eight scans has a contrast-to-noise ratio of 20: f50 within 5 %.
    assert f50["target_of_dlr"] == pytest.approx(f50["input"], rel=0.1)
    assert f50["target_of_sr_dlr"] > 1.5 * f50["input"]
    assert slope["target_of_sr_dlr"] > 1.5 * slope["input"]
    assert distance["target_of_sr_dlr"] < 0.65 * distance["input"]


def test_shares_are_those_of_the_input(finished):
    noise = against_input(finished[2], "Noise")
    assert noise["sr_dlr_share"] == pytest.approx(100 * noise["sr_dlr"] / noise["input"])


def test_untrained_networks_show_neither_dlr_nor_sr_dlr(finished):
    dlr, sr_dlr, *_ = finished[2].findings
    assert dlr.shown is False
    assert sr_dlr.shown is False


def test_a_second_start_finds_everything_done(finished):
    folder, first, result = finished
    again = Watcher()
    repeated = run_experiment(TinyExperiment(), bench(folder, again))
    assert repeated.content() == result.content()
    assert first.steps == [
        "training-0000",
        "training-0003",
        "dlr",
        "sr-dlr",
        "unseen-rods",
        "unseen-coronary",
        "unseen-low-contrasts",
        "measured",
    ]
    assert again.steps == []


def test_another_configuration_does_not_go_on_in_the_folder(finished):
    with pytest.raises(ExperimentError, match="configuration"):
        Workbench.open(
            finished[0],
            SuperResolutionExperiment(),
            Scale.QUICK,
            backend=Backend("cpu", "fp32"),
            watcher=Watcher(),
        )


def test_both_networks_see_the_same_inputs_and_differ_in_their_targets_only(material):
    batches = [PatchPairs(material.inputs, target, TINY).draw(range(6)) for target in (material.same, material.sharp)]
    assert batches[0].sections.equal(batches[1].sections)
    assert not batches[0].noise.equal(batches[1].noise)
    assert batches[0].noise_hu.tolist() == pytest.approx(batches[0].noise.std(dim=(1, 2, 3), correction=0).tolist())


def test_input_minus_noise_is_a_patch_of_the_target_turned_alike(material):
    batch = PatchPairs(material.inputs, material.inputs[:, 0], TINY).draw(range(40))
    # Half of the patches are cut from the very scan that is the target here: nothing is to be subtracted from them.
    silent = (batch.noise.abs().amax(dim=(1, 2, 3)) == 0).sum()
    assert 10 < silent < 30


def test_a_pair_is_the_same_whoever_draws_it(material):
    pairs = PatchPairs(material.inputs, material.same, TINY)
    assert pairs.draw([5]).sections[0].equal(pairs.draw([3, 4, 5]).sections[2])


def test_the_paper_scale_has_the_full_width_and_takes_its_first_steps(tmp_path, material):
    assert PAPER.learning.configuration["width"] == 32
    assert PAPER.learning.steps % PAPER.learning.epochs == 0
    # The first two steps of the network as it is, of small patches: a full batch takes a processor a minute.
    few = replace(PAPER, learning=replace(PAPER.learning, patch=64, batch=1, steps=2, epochs=1))
    trained = both_trained(bench(tmp_path / "paper", Watcher()), few, material)
    assert {name: network.steps for name, network in trained.items()} == {"DLR": 2, "SR-DLR": 2}
    assert trained["DLR"].network.configuration == PAPER.learning.configuration
    assert trained["DLR"].sha256 != trained["SR-DLR"].sha256
