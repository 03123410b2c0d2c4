from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass

import pytest

from CTDenoiseTrainLib.experiments.catalogue import NAMES, find_experiment
from CTDenoiseTrainLib.experiments.experiment import Scale
from CTDenoiseTrainLib.experiments.workbench import ExperimentError


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_is_found_by_its_name_with_both_scales(name):
    experiment = find_experiment(name)
    assert experiment.name == name
    assert experiment.title
    assert experiment.paper
    quick, paper = (experiment.configuration(scale) for scale in (Scale.QUICK, Scale.PAPER))
    assert is_dataclass(quick)
    assert quick != paper
    for configuration in (quick, paper):
        assert json.loads(json.dumps(asdict(configuration)))


@pytest.mark.parametrize(("typed", "meant"), [("zhang", "zhang2024"), ("ASL", "asl"), ("huber", "huber2020")])
def test_a_name_that_is_nearly_right_is_told(typed, meant):
    with pytest.raises(ExperimentError, match=rf"no experiment “{typed}”; known are .*\. Did you mean {meant}\?$"):
        find_experiment(typed)


def test_a_name_that_is_like_none_gets_the_list_alone():
    with pytest.raises(ExperimentError, match=rf"known are {', '.join(NAMES)}\.$"):
        find_experiment("../runs")
