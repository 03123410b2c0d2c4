from __future__ import annotations

import json

import pytest

from CTDenoiseTrainLib.experiments.run import result_files, run_experiment
from CTDenoiseTrainLib.experiments.workbench import ExperimentError
from support.tiny_experiment import TinyExperiment, open_bench


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    bench = open_bench(tmp_path_factory.mktemp("run") / "folder")
    return bench, run_experiment(TinyExperiment(), bench)


def test_the_result_is_written_as_json_and_as_a_page(finished):
    bench, result = finished
    record, page = (file.read_text(encoding="utf-8") for file in result_files(bench.folder))
    content = json.loads(record)
    assert content["research_use_only"] is True
    assert (content["experiment"], content["scale"], content["precision"]) == ("tiny", "quick", "fp32")
    # JSON knows no NaN: it is null.
    assert content["tables"][0]["rows"] == [{"what": "noise", "level": 30.0}, {"what": "nothing", "level": None}]
    assert content["findings"] == [{"statement": "There is noise.", "shown": True, "evidence": "30 HU."}]
    assert page.startswith("# A tiny experiment\n\nAfter nobody. Scale: quick. Research use only.")
    assert result.notes == ("Nothing was measured.",)
    for name in result.figures:
        assert (bench.folder / name).read_bytes().startswith(b"\x89PNG")


def test_a_second_start_finds_everything_and_comes_to_the_same(finished):
    bench, result = finished
    again = open_bench(bench.folder)
    assert run_experiment(TinyExperiment(), again).content() == result.content()
    assert again.watcher.steps == []


def test_two_starts_in_one_folder_do_not_meet(tmp_path):
    bench = open_bench(tmp_path / "folder")

    class Nested(TinyExperiment):
        def run(self, bench):
            return run_experiment(TinyExperiment(), bench)

    with pytest.raises(ExperimentError, match="is in use by another start"):
        run_experiment(Nested(), bench)
    # The lock is given back.
    assert run_experiment(TinyExperiment(), bench).findings


def test_what_the_system_says_of_files_becomes_a_sentence(tmp_path):
    class Unlucky(TinyExperiment):
        def run(self, bench):
            raise OSError(5, "Input/output error", str(bench.folder / "chest.nrrd"))

    with pytest.raises(ExperimentError, match=r"cannot go on \(.*Input/output error.*chest\.nrrd.*finished stays\.$"):
        run_experiment(Unlucky(), open_bench(tmp_path / "folder"))


def test_an_old_result_stays_until_the_new_one_is_there(finished):
    bench, _ = finished
    before = [file.read_bytes() for file in result_files(bench.folder)]

    class Failing(TinyExperiment):
        def run(self, bench):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_experiment(Failing(), open_bench(bench.folder))
    assert [file.read_bytes() for file in result_files(bench.folder)] == before
