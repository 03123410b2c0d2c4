"""Volumes of the scene in a run folder: every value in its place, and all that is known of them but who it is."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.volume_files import read_volume
from CTDenoiseScene.node_geometry import node_geometry
from CTDenoiseScene.voxels import voxels_of
from CTDenoiseTrainLib.recipe.content import CaseFiles, SeriesFile
from CTDenoiseTrainLib.runs.run_folder import RunFolder
from CTDenoiseTrainScene.case_volumes import CaseVolumes
from CTDenoiseTrainScene.training_data import TrainingData
from support.header_files import HeaderFiles
from support.loaded_series import load_series
from support.tilted_grid import rotation
from support.tiny_run import make_run

PATIENT = "Doe^Jane"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def data(folder):
    return TrainingData(folder, None)


def write(data, recipe, cases):
    """Plan and copy; gives the recipe in the folder and how much was done after each section."""
    shares = list(data.write(data.plan(recipe, cases)))
    return RunFolder(data.folder).recipe(), shares


def files(folder):
    return sorted(path.name for path in (folder / "data").iterdir())


def test_copies_have_every_value_in_its_place_and_the_recipe_names_them(training_scene, data, folder):
    recipe, shares = write(data, training_scene.recipe, training_scene.cases)
    assert recipe.data.cases == (
        CaseFiles(
            patient="A",
            noisy=SeriesFile(path="data/1-noisy.mha"),
            clean=SeriesFile(path="data/1-clean.mha"),
        ),
    )
    for name, node in (("1-noisy.mha", training_scene.low), ("1-clean.mha", training_scene.full)):
        volume = read_volume(folder / "data" / name)
        np.testing.assert_array_equal(volume.hu, voxels_of(node))
        assert volume.geometry == node_geometry(node)
    assert len(shares) == 40
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_tilted_volume_of_real_numbers_keeps_its_place(training_scene, data, folder, slicer_scene, rng):
    values = rng.normal(0, 30, (20, 16, 18)).astype(np.float32)
    ijk_to_ras = np.eye(4)
    ijk_to_ras[:3, :3] = rotation(10.0, -20.0, 30.0) * (0.4, 0.5, 0.7)
    node = slicer_scene.add_volume(values, ijk_to_ras=ijk_to_ras)
    recipe = replace(training_scene.recipe, data=replace(training_scene.recipe.data, source="self-supervised"))
    write(data, recipe, [CaseVolumes(noisy=node)])
    volume = read_volume(folder / "data" / "1-noisy.mha")
    np.testing.assert_array_equal(volume.hu, values)
    np.testing.assert_allclose(volume.geometry.direction, node_geometry(node).direction, atol=1e-9)


def test_repeats_are_copied_once_each_whatever_cases_they_are_in(training_scene, data, folder):
    recipe = replace(training_scene.recipe, data=replace(training_scene.recipe.data, source="repeats"))
    case = CaseVolumes(repeats=(training_scene.low, training_scene.full))
    back = CaseVolumes(repeats=(training_scene.full, training_scene.low))
    written, _ = write(data, recipe, [case, back])
    paths = [[series.path for series in one.repeats] for one in written.data.cases]
    assert paths == [["data/1-repeat1.mha", "data/1-repeat2.mha"], ["data/1-repeat2.mha", "data/1-repeat1.mha"]]
    assert len([name for name in files(folder) if name.endswith(".mha")]) == 2


def test_only_what_changed_is_copied_again_and_what_is_not_needed_goes(training_scene, data, folder):
    write(data, training_scene.recipe, training_scene.cases)
    _, shares = write(data, training_scene.recipe, training_scene.cases)
    assert shares == []
    voxels_of(training_scene.low)[3] = 7
    training_scene.low.GetImageData().Modified()
    _, shares = write(data, training_scene.recipe, training_scene.cases)
    assert len(shares) == 20
    assert (read_volume(folder / "data" / "1-noisy.mha").hu[3] == 7).all()
    recipe = replace(training_scene.recipe, data=replace(training_scene.recipe.data, source="self-supervised"))
    _, shares = write(data, recipe, [CaseVolumes(noisy=training_scene.low)])
    assert shares == []
    assert files(folder) == ["1-noisy.facts.json", "1-noisy.mha"]


def test_what_the_header_says_travels_but_nothing_that_names_anybody(
    training_scene, slicer_scene, make_ct_series, folder, tmp_path
):
    source = make_ct_series(tmp_path / "series", sections=20, kernel="Qr89", thickness=0.8, description=PATIENT)
    node = load_series(slicer_scene, source)
    headers = HeaderFiles(source)
    data = TrainingData(folder, headers)
    recipe = replace(training_scene.recipe, data=replace(training_scene.recipe.data, source="self-supervised"))
    write(data, recipe, [CaseVolumes(noisy=node)])
    facts = json.loads((folder / "data" / "1-noisy.facts.json").read_text())
    assert (facts["modality"], facts["kernel"], facts["section_thickness"]) == ("CT", ["Qr89"], 0.8)
    uid = node.GetAttribute("DICOM.instanceUIDs").split()[0]
    everything = "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())
    for secret in (PATIENT, headers.value(uid, "0010,0020"), uid, headers.value(uid, "0020,000D"), node.GetName()):
        assert secret
        assert secret not in everything


def test_series_of_one_patient_share_a_mark_that_is_another_in_every_run(
    training_scene, slicer_scene, make_ct_series, tmp_path
):
    sources = [make_ct_series(tmp_path / str(number), sections=20, seed=number) for number in range(2)]
    nodes, headers = [load_series(slicer_scene, source) for source in sources], HeaderFiles(*sources)
    marks = []
    for run in ("first", "second"):
        data = TrainingData(tmp_path / run, headers)
        write(data, training_scene.recipe, [CaseVolumes(noisy=nodes[0], clean=nodes[1])])
        marks += [json.loads(path.read_text())["patient"] for path in (tmp_path / run / "data").glob("*.json")]
    assert marks[0] == marks[1]
    assert marks[2] == marks[3]
    assert marks[0] != marks[2]


def test_a_disk_without_room_is_told_before_anything_is_copied(training_scene, data, folder, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(2**30, 2**30, 2**20))
    with pytest.raises(CTDenoiseError, match=r"0.0 GiB left, and 0.5 GiB are needed"):
        write(data, training_scene.recipe, training_scene.cases)
    assert not (folder / "data").exists()


def test_a_copy_that_is_given_up_leaves_nothing_of_itself(training_scene, data, folder):
    steps = data.write(data.plan(training_scene.recipe, training_scene.cases))
    for _ in range(25):
        next(steps)
    steps.close()
    assert [name for name in files(folder) if name.endswith(".mha")] == ["1-noisy.mha"]
    _, shares = write(data, training_scene.recipe, training_scene.cases)
    assert len(shares) == 20


def test_images_that_somebody_else_put_into_the_folder_stay(training_scene, data, folder):
    run = make_run(folder)
    list(data.write(data.plan(run.recipe(), ())))
    write(data, training_scene.recipe, training_scene.cases)
    assert {"full.nrrd", "low.nrrd", "1-noisy.mha"} < set(files(folder))


def test_a_copy_that_somebody_deleted_is_made_again(training_scene, data, folder):
    write(data, training_scene.recipe, training_scene.cases)
    (folder / "data" / "1-clean.mha").unlink()
    _, shares = write(data, training_scene.recipe, training_scene.cases)
    assert len(shares) == 20
    assert (folder / "data" / "1-clean.mha").exists()


def test_another_session_in_the_folder_replaces_the_copies(training_scene, data, folder):
    write(data, training_scene.recipe, training_scene.cases)
    _, shares = write(TrainingData(folder, None), training_scene.recipe, training_scene.cases)
    assert len(shares) == 40


def test_a_volume_that_is_replaced_while_it_is_copied_is_told_by_name(training_scene, data, slicer_scene):
    steps = data.write(data.plan(training_scene.recipe, training_scene.cases))
    next(steps)
    training_scene.low.SetAndObserveImageData(None)
    with pytest.raises(CTDenoiseError, match=r"“Low dose” was replaced"):
        next(steps)


def test_a_folder_of_something_else_is_left_alone(training_scene, data, folder):
    folder.mkdir()
    (folder / "thesis.txt").write_text("Chapter 1")
    with pytest.raises(CTDenoiseError, match=r"thesis\.txt"):
        write(data, training_scene.recipe, training_scene.cases)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
