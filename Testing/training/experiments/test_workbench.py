from __future__ import annotations

import errno
import json

import numpy as np
import pytest

from CTDenoiseLib.atomic import WriteFailedError
from CTDenoiseTrainLib.experiments.experiment import Scale
from CTDenoiseTrainLib.experiments.workbench import CONFIGURATION_FILE, ExperimentError, Workbench
from CTDenoiseTrainLib.recipe.content import TrainingOptions
from support.tiny_experiment import TinyExperiment, TinySettings, open_bench
from support.unprivileged import unprivileged_folder


def never():
    raise AssertionError("A finished stage was made again.")


def broken_off():
    raise KeyboardInterrupt


@pytest.fixture
def bench(tmp_path) -> Workbench:
    return open_bench(tmp_path / "folder")


def names(folder):
    """All files below a folder, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_experiment_begins_with_its_configuration(bench):
    written = json.loads((bench.folder / CONFIGURATION_FILE).read_text(encoding="utf-8"))
    assert (written["experiment"], written["scale"], written["precision"]) == ("tiny", "quick", "fp32")
    assert written["configuration"]["noise_hu"] == 30.0
    assert written["configuration"]["training"]["epochs"] == 3


def test_finished_stages_are_found_again_in_the_same_folder(bench):
    bench.figures("level", lambda: {"level": 4.5, "of": "noise"})
    bench.arrays("images", lambda: {"a": np.arange(6).reshape(2, 3), "b": np.array([True])})
    again = open_bench(bench.folder)
    assert again.figures("level", never) == {"level": 4.5, "of": "noise"}
    found = again.arrays("images", never)
    assert sorted(found) == ["a", "b"]
    np.testing.assert_array_equal(found["a"], [[0, 1, 2], [3, 4, 5]])
    assert (found["a"].dtype, found["b"].dtype) == (np.arange(1).dtype, np.bool_)
    assert bench.watcher.steps == ["level", "images"]
    assert again.watcher.steps == []


def test_figures_are_the_same_whether_just_measured_or_found_again(bench):
    def measure():
        return {"list": (np.float32(0.5), np.int64(3), np.nan, [np.inf]), "deeper": {"flag": np.bool_(True)}}

    first = bench.figures("level", measure)
    assert first == {"list": [0.5, 3, None, [None]], "deeper": {"flag": True}}
    assert bench.figures("level", never) == first


@pytest.mark.parametrize("make", [Workbench.figures, Workbench.arrays])
def test_a_stage_that_was_broken_off_leaves_nothing_and_is_made_again(bench, make):
    before = names(bench.folder)
    with pytest.raises(KeyboardInterrupt):
        make(bench, "stage", broken_off)
    assert names(bench.folder) == before
    assert make(bench, "stage", dict) == {}


def test_pickles_are_neither_written_nor_read(bench):
    with pytest.raises(TypeError, match="pickles"):
        bench.arrays("objects", lambda: {"objects": np.array([object()])})
    assert names(bench.folder) == [CONFIGURATION_FILE]


@pytest.mark.parametrize(("make", "suffix"), [(Workbench.figures, ".json"), (Workbench.arrays, ".npz")])
@pytest.mark.parametrize("content", [b"", b"{", b"PK\x03\x04 cut short"])
def test_a_damaged_stage_is_named_with_what_to_do(bench, make, suffix, content):
    bench.stage_file("stage", suffix).write_bytes(content)
    with pytest.raises(ExperimentError, match=rf"stage\{suffix}” cannot be read .*; delete it"):
        make(bench, "stage", never)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"experiment": TinyExperiment(settings=TinySettings(noise_hu=31.0))}, r"configuration\.noise_hu"),
        (
            {"experiment": TinyExperiment(TinySettings(1.0, (2,), TrainingOptions(epochs=3)), name="other")},
            r"configuration\.noise_hu, configuration\.sizes, configuration\.training\.averaging and 3 more",
        ),
        ({"experiment": TinyExperiment(name="other")}, "experiment"),
        ({"scale": Scale.PAPER}, r"configuration\.steps_per_epoch, scale"),
    ],
)
def test_a_folder_of_another_configuration_is_refused_and_says_what_differs(bench, options, what):
    with pytest.raises(ExperimentError, match=rf"begun otherwise \(another {what}\); name another folder"):
        open_bench(bench.folder, **options)


def test_another_precision_is_another_experiment(bench):
    with pytest.raises(ExperimentError, match="another precision"):
        open_bench(bench.folder, backend=type(bench.backend)("cpu", "bf16"))


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    for place in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(ExperimentError, match="is a file or holds something else; name a new or empty folder"):
            open_bench(place)
    assert names(tmp_path) == ["thesis.txt"]


def test_an_empty_folder_or_one_with_traces_of_a_file_manager_is_as_good_as_none(tmp_path):
    (tmp_path / ".DS_Store").touch()
    assert open_bench(tmp_path).figures("level", lambda: {"a": 1}) == {"a": 1}


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1, 2]", b'"tiny"', b"{}"])
def test_a_damaged_configuration_is_refused(bench, content):
    (bench.folder / CONFIGURATION_FILE).write_bytes(content)
    with pytest.raises(ExperimentError, match=r"is damaged|begun otherwise"):
        open_bench(bench.folder)


def test_an_unwritable_place_is_told_and_nothing_stays():
    with unprivileged_folder() as folder:
        folder.chmod(0o500)
        with pytest.raises(WriteFailedError, match="no permission"):
            open_bench(folder / "new" / "experiment")
        assert names(folder) == []


def test_a_folder_that_may_not_be_read_is_told():
    with unprivileged_folder() as folder:
        (folder / "closed").mkdir(mode=0)
        with pytest.raises(ExperimentError, match=r"cannot be read \(Permission denied\)"):
            open_bench(folder / "closed")


@pytest.mark.parametrize(
    "make",
    [
        lambda bench: bench.figures("stage", lambda: {"a": 1}),
        lambda bench: bench.arrays("stage", lambda: {"a": np.zeros(3)}),
    ],
)
def test_a_full_disk_is_told_and_leaves_no_half_stage(bench, make, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = names(bench.folder)
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_text", full)
        patch.setattr("numpy.savez", full)
        with pytest.raises(WriteFailedError, match="disk is full"):
            make(bench)
    assert names(bench.folder) == before
    assert "a" in make(bench)


def test_a_figure_is_replaced_as_a_whole(bench):
    from matplotlib.figure import Figure

    file = bench.folder / "curve.png"
    file.write_bytes(b"an older one")
    bench.save_figure("curve.png", Figure(figsize=(2, 2)))
    assert file.read_bytes().startswith(b"\x89PNG")
    assert names(bench.folder) == [CONFIGURATION_FILE, "curve.png"]
