from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseScene.window_level import PRESETS, SharedWindowLevel, WindowLevel


@pytest.fixture
def volumes(slicer_scene):
    nodes = [slicer_scene.add_volume(np.zeros((2, 4, 4), np.int16), name=name) for name in ("a", "b", "c")]
    nodes[1].GetDisplayNode().SetWindowLevel(1500, -600)
    nodes[2].GetDisplayNode().AutoWindowLevelOn()
    return nodes


@pytest.fixture
def shared(slicer_scene):
    shared = SharedWindowLevel(slicer_scene.scene)
    yield shared
    shared.release()


def displayed(volume):
    display = volume.GetDisplayNode()
    return WindowLevel(display.GetWindow(), display.GetLevel())


def test_all_volumes_get_what_the_first_has(shared, volumes):
    shared.share(volumes)
    assert [displayed(volume) for volume in volumes] == [WindowLevel(400, 40)] * 3
    assert shared.value == WindowLevel(400, 40)


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_a_change_of_any_volume_is_a_change_of_all(shared, volumes, changed):
    shared.share(volumes)
    volumes[changed].GetDisplayNode().SetWindowLevel(2000, 500)
    assert [displayed(volume) for volume in volumes] == [WindowLevel(2000, 500)] * 3


def test_a_preset_is_for_all_volumes(shared, volumes):
    shared.share(volumes)
    shared.set(PRESETS["Lung"])
    assert [displayed(volume) for volume in volumes] == [WindowLevel(1500, -600)] * 3


def test_a_volume_that_joins_gets_what_the_others_have(shared, volumes):
    shared.share(volumes[:1])
    shared.set(WindowLevel(1000, 300))
    shared.share([volumes[1], volumes[0]])
    assert displayed(volumes[1]) == WindowLevel(1000, 300)


def test_a_volume_that_left_is_not_changed_any_more(shared, volumes):
    shared.share(volumes)
    shared.share(volumes[:2])
    shared.set(WindowLevel(1000, 300))
    assert displayed(volumes[2]) == WindowLevel(400, 40)
    volumes[2].GetDisplayNode().SetWindowLevel(90, 40)
    assert displayed(volumes[0]) == WindowLevel(1000, 300)


def test_restoring_gives_each_volume_what_it_had(shared, volumes):
    former = [displayed(volume) for volume in volumes]
    shared.share(volumes)
    shared.set(WindowLevel(1000, 300))
    shared.restore()
    assert [displayed(volume) for volume in volumes] == former
    volumes[0].GetDisplayNode().SetWindowLevel(90, 40)
    assert displayed(volumes[1]) == former[1], "Nothing is shared after restoring."


def test_a_result_made_while_sharing_returns_to_what_its_input_had(shared, slicer_scene, volumes):
    shared.share(volumes[:1])
    shared.set(WindowLevel(1000, 300))
    result = slicer_scene.add_volume(np.zeros((2, 4, 4), np.int16))
    result.GetDisplayNode().SetWindowLevel(1000, 300)
    shared.share([volumes[0], result])
    shared.restore()
    assert displayed(result) == WindowLevel(400, 40)


def test_another_session_restores_what_was_saved_with_the_scene(shared, slicer_scene, volumes, tmp_path):
    shared.share(volumes[:2])
    shared.set(WindowLevel(1000, 300))
    slicer_scene.save(tmp_path / "scene.mrb")
    shared.release()
    slicer_scene.open(tmp_path / "scene.mrb")
    loaded = {name: slicer_scene.scene.GetFirstNodeByName(name) for name in ("a", "b")}
    assert displayed(loaded["b"]) == WindowLevel(1000, 300)
    SharedWindowLevel(slicer_scene.scene).restore()
    assert displayed(loaded["a"]) == WindowLevel(400, 40)
    assert displayed(loaded["b"]) == WindowLevel(1500, -600)


def test_a_deleted_volume_is_left_out(shared, slicer_scene, volumes):
    shared.share(volumes)
    slicer_scene.scene.RemoveNode(volumes[0])
    shared.set(WindowLevel(1000, 300))
    assert shared.value == WindowLevel(1000, 300)
    assert displayed(volumes[1]) == WindowLevel(1000, 300)


def test_without_volumes_there_is_nothing_to_share(shared):
    shared.share(())
    shared.set(WindowLevel(1000, 300))
    assert shared.value is None
