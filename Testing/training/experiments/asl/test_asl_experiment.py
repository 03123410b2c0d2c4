from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from CTDenoiseLib.networks import UNet
from CTDenoiseTrainLib.experiments.asl import EXPERIMENT
from CTDenoiseTrainLib.experiments.asl.cohort_images import CohortImages, draw_cohort
from CTDenoiseTrainLib.experiments.asl.experiment import ArterialSpinLabelling
from CTDenoiseTrainLib.experiments.asl.networks import fold_networks
from CTDenoiseTrainLib.experiments.asl.pairs import FewOfAll
from CTDenoiseTrainLib.experiments.asl.result import PATIENTS, STROKES
from CTDenoiseTrainLib.experiments.asl.settings import PAPER, QUICK, Labelling, Settings, patients, strokes
from CTDenoiseTrainLib.experiments.experiment import Scale
from CTDenoiseTrainLib.experiments.run import run_experiment
from CTDenoiseTrainLib.experiments.trained import TrainingPlan, trained
from CTDenoiseTrainLib.recipe.content import TrainingOptions
from support.tiny_experiment import open_bench

TINY = Settings(
    patients=patients(6),
    strokes=strokes(5),
    labelling=Labelling(sections=2, matrix=32, pixel_mm=6.0),
    folds=2,
    width=4,
    side=32,
    steps_per_epoch=20,
    training=TrainingOptions(epochs=2, batch=4, highest_rate=5e-3, warm_up_steps=5, averaging=0.5),
)


def bench_of(folder, settings=TINY):
    experiment = ArterialSpinLabelling({Scale.QUICK: settings})
    return experiment, open_bench(folder, experiment=experiment)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    experiment, bench = bench_of(tmp_path_factory.mktemp("asl") / "folder")
    return bench, run_experiment(experiment, bench)


def test_it_is_carried_out_from_the_phantom_to_the_page(finished):
    bench, result = finished
    assert {name for name in result.figures if (bench.folder / name).is_file()} == {"perfusion.png", "errors.png"}
    against_all, against_truth, training = (table.content()["rows"] for table in result.tables)
    assert [(row["cohort"], row["pairs"], row["subjects"]) for row in against_all] == [
        *((PATIENTS, averaged, 6) for averaged in (2, 3)),
        *((STROKES, averaged, 5) for averaged in (2, 3)),
    ]
    assert [row["steps"] for row in training] == [40] * 4
    for row in against_truth:
        assert row["averaging"] > row["all_pairs"] > 0


def test_the_network_learns_to_be_better_than_averaging(finished):
    _, result = finished
    for row in result.tables[1].content()["rows"]:
        assert row["network"] < row["averaging"]
        assert row["lower_by"] == pytest.approx(100 * (1 - row["network"] / row["averaging"]))


def test_five_subjects_are_too_few_to_show_anything(finished):
    _, result = finished
    assert len(result.findings) == 4
    assert [finding.shown for finding in result.findings] == [False] * 4
    assert "paper says about 40 % lower" in result.findings[0].evidence


def test_a_second_start_does_only_what_is_not_done_yet_and_comes_to_the_same(finished):
    bench, result = finished
    bench.stage_file("errors", ".json").unlink()
    experiment, again = bench_of(bench.folder)
    assert experiment.run(again).content() == result.content()
    assert again.watcher.steps == ["errors"]


def test_every_patient_is_tested_by_one_network_that_has_not_seen_him(tmp_path):
    short = replace(TINY, steps_per_epoch=2, training=replace(TINY.training, epochs=1))
    images = CohortImages.of(draw_cohort(TINY.patients, TINY.labelling))
    folds = fold_networks(bench_of(tmp_path / "as they are", short)[1], short, images, 2)
    assert sorted(np.concatenate([fold.tested for fold in folds])) == list(range(6))
    others = images.subtractions.copy()
    others[folds[0].tested] *= -1
    again = fold_networks(bench_of(tmp_path / "others", short)[1], short, replace(images, subtractions=others), 2)
    # The first network does not know that its test patients are others now; the second learns from them.
    assert again[0].trained.sha256 == folds[0].trained.sha256
    assert again[1].trained.sha256 != folds[1].trained.sha256


def test_the_first_steps_of_the_paper_s_scale_run(tmp_path):
    labelling = replace(PAPER.labelling, sections=1)
    images = CohortImages.of(draw_cohort(replace(PAPER.patients, subjects=1), labelling))
    _, bench = bench_of(tmp_path / "folder")
    result = trained(
        bench,
        "network",
        start=lambda: UNet(context=1, width=PAPER.width),
        batches=lambda: FewOfAll(images.subtractions, averaged=2, side=PAPER.side, seed=0),
        plan=TrainingPlan(options=replace(PAPER.training, epochs=1, batch=1), steps_per_epoch=2, scale_hu=PAPER.scale),
        seed=0,
    )
    assert result.steps == 2


def test_the_paper_s_scale_has_the_numbers_of_the_paper():
    assert (PAPER.patients.subjects, PAPER.strokes.subjects) == (114, 26)
    assert (PAPER.averaged, PAPER.labelling.pairs) == ((2, 3), 6)
    assert json.dumps(asdict(PAPER))
    assert EXPERIMENT.configuration(Scale.QUICK) is QUICK
