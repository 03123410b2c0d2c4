from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from CTDenoiseLib.worker.workplace import Workplace
from CTDenoiseScene.mapped_volume import MappedVolume
from CTDenoiseScene.results import Results, find_results
from CTDenoiseScene.strength import StrengthControl, StrengthError
from CTDenoiseScene.voxels import voxels_of
from support.ct_series import anatomy
from support.session_bench import make_result, work_off
from support.slicer_scene import SlicerScene

HU = anatomy()
WHOLE_HU = HU.astype(np.int16)
NOISE = np.random.default_rng(1).integers(-300, 300, HU.shape).astype(np.int16)

MakeResult = Callable[..., Results]


@pytest.fixture
def make(slicer_scene: SlicerScene, workplace: Workplace) -> MakeResult:
    """Makes a result of which nothing is shown yet."""

    def make(hu: Any = WHOLE_HU, noise: Any = NOISE) -> Results:
        return make_result(slicer_scene, workplace, slicer_scene.add_volume(hu, name="exam"), noise)

    return make


@pytest.fixture
def denoised(make: MakeResult) -> Results:
    """A result at full strength."""
    result = make()
    control = StrengthControl(result.output)
    control.apply(1.0)
    work_off(control)
    return result


def expected(strength: float, sections: Any = slice(None)) -> Any:
    return np.rint(HU[sections].astype(np.float64) - strength * 0.1 * NOISE[sections])


def assert_shows(node: Any, values: Any, sections: Any = slice(None)) -> None:
    # Float32 may round a half the other way.
    assert np.abs(voxels_of(node)[sections] - values).max() <= 1
    assert np.mean(voxels_of(node)[sections] != values) < 0.01


def redraws(node: Any) -> list[int]:
    seen: list[int] = []
    node.GetImageDataConnection().GetProducer().AddObserver("ModifiedEvent", lambda *_: seen.append(1))
    return seen


def test_a_preview_changes_the_sections_on_screen_and_no_others(denoised: Results) -> None:
    StrengthControl(denoised.output).preview(0.5, (4, 2), budget_seconds=10)
    assert_shows(denoised.output, expected(0.5, [2, 4]), [2, 4])
    others = [0, 1, 3, 5, 6, 7, 8]
    assert_shows(denoised.output, expected(1.0, others), others)


def test_a_preview_draws_the_views_once(denoised: Results) -> None:
    seen = redraws(denoised.output)
    StrengthControl(denoised.output).preview(0.5, (4, 2), budget_seconds=10)
    assert len(seen) == 1


def test_a_preview_leaves_to_work_what_takes_too_long(denoised: Results) -> None:
    control = StrengthControl(denoised.output)
    control.preview(0.5, range(9), budget_seconds=1e-9)
    assert control.remaining == 8
    work_off(control)
    assert_shows(denoised.output, expected(0.5))


def test_apply_changes_the_whole_volume_in_steps(denoised: Results) -> None:
    control = StrengthControl(denoised.output)
    control.look_at((6,))
    control.apply(0.25)
    assert control.remaining == 9
    assert control.work(1e-9)
    assert control.remaining == 8
    assert_shows(denoised.output, expected(0.25, 6), 6)
    assert_shows(denoised.output, expected(1.0, 5), 5)
    work_off(control)
    assert control.remaining == 0
    assert_shows(denoised.output, expected(0.25))
    assert denoised.strength == 0.25


def test_apply_after_a_preview_does_not_repeat_it(denoised: Results) -> None:
    control = StrengthControl(denoised.output)
    control.preview(0.5, (4, 2), budget_seconds=10)
    control.apply(0.5)
    assert control.remaining == 7


def test_a_new_preview_makes_an_unfinished_change_void(denoised: Results) -> None:
    control = StrengthControl(denoised.output)
    control.apply(0.25)
    control.preview(0.75, (3,), budget_seconds=10)
    assert control.remaining == 0
    control.apply(0.75)
    work_off(control)
    assert_shows(denoised.output, expected(0.75))


def test_views_are_drawn_anew_only_where_they_show_a_change_and_once_at_the_end(denoised: Results) -> None:
    control = StrengthControl(denoised.output)
    control.look_at((0,))
    control.apply(0.5)
    seen = redraws(denoised.output)
    control.work(1e-9)
    assert len(seen) == 1
    control.work(1e-9)
    assert len(seen) == 1
    work_off(control)
    assert len(seen) == 2


def test_no_strength_is_the_input_and_full_strength_takes_all_noise(denoised: Results) -> None:
    control = StrengthControl(denoised.output)
    control.apply(0.0)
    work_off(control)
    assert np.array_equal(voxels_of(denoised.output), HU)


def test_a_float_input_gives_a_float_output_that_is_not_rounded(make: MakeResult) -> None:
    hu = (HU + 0.25).astype(np.float32)
    result = make(hu)
    control = StrengthControl(result.output)
    control.apply(0.3)
    work_off(control)
    assert voxels_of(result.output).dtype == np.float32
    assert np.allclose(voxels_of(result.output), hu - 0.03 * NOISE, atol=1e-3)


def test_values_at_the_end_of_int16_are_clipped_not_wrapped(make: MakeResult) -> None:
    hu, noise = np.zeros((1, 8, 8), np.int16), np.zeros((1, 8, 8), np.int16)
    hu[0, 0, :2], noise[0, 0, :2] = (32767, -32768), (-32768, 32767)
    result = make(hu, noise)
    control = StrengthControl(result.output)
    control.apply(1.0)
    work_off(control)
    assert voxels_of(result.output)[0, 0, :2].tolist() == [32767, -32768]


def test_sections_not_denoised_are_blank_and_stay_so(make: MakeResult) -> None:
    result = make()
    result.output.SetAttribute("CTDenoise.sections", "2-3")
    control = StrengthControl(result.output)
    control.apply(1.0)
    work_off(control)
    control.preview(0.5, (3, 4), budget_seconds=10)
    work_off(control)
    assert (voxels_of(result.output)[[0, 1, 4, 5, 6, 7, 8]] == -1024).all()
    assert_shows(result.output, expected(0.5, 3), 3)


def test_blanks_reach_only_as_far_as_asked_for(make: MakeResult) -> None:
    result = make()
    result.output.SetAttribute("CTDenoise.sections", "")
    control = StrengthControl(result.output)
    control.blank_reach = 1
    control.look_at((4,))
    work_off(control)
    assert MappedVolume.behind(result.output).written == {3, 4, 5}


def test_it_works_after_opening_a_saved_scene(slicer_scene: SlicerScene, denoised: Results, tmp_path: Path) -> None:
    slicer_scene.save(tmp_path / "scene.mrb")
    slicer_scene.open(tmp_path / "scene.mrb")
    (found,) = find_results(slicer_scene.scene)
    assert MappedVolume.behind(found.output) is None
    control = StrengthControl(found.output)
    assert control.strength == 1.0
    control.preview(0.5, (4,), budget_seconds=10)
    assert_shows(found.output, expected(0.5, 4), 4)
    control.apply(0.5)
    work_off(control)
    assert_shows(found.output, expected(0.5))


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_outside_0_to_1_is_refused(denoised: Results, strength: float) -> None:
    control = StrengthControl(denoised.output)
    with pytest.raises(StrengthError, match="between 0 and 1"):
        control.preview(strength, (1,))
    with pytest.raises(StrengthError, match="between 0 and 1"):
        control.apply(strength)
    assert control.strength == 1.0


def test_a_volume_of_another_origin_is_refused(slicer_scene: SlicerScene) -> None:
    with pytest.raises(StrengthError, match="“exam” is no volume that CTDenoise has denoised"):
        StrengthControl(slicer_scene.add_volume(HU, name="exam"))


@pytest.mark.parametrize(("role", "sentence"), [("input", "The input of"), ("noise", "The noise of")])
def test_without_input_or_noise_the_output_stays_as_it_is(
    slicer_scene: SlicerScene, denoised: Results, role: str, sentence: str
) -> None:
    control = StrengthControl(denoised.output)
    control.apply(0.5)
    slicer_scene.scene.RemoveNode(getattr(denoised, role))
    assert not control.work(10)
    with pytest.raises(StrengthError, match=sentence):
        control.preview(0.5, (1,))
    with pytest.raises(StrengthError, match=sentence):
        StrengthControl(denoised.output)
    assert_shows(denoised.output, expected(1.0))


def test_a_deleted_output_is_nothing_to_change(slicer_scene: SlicerScene, denoised: Results) -> None:
    control = StrengthControl(denoised.output)
    control.apply(0.5)
    slicer_scene.scene.RemoveNode(denoised.output)
    assert not control.work(10)
    with pytest.raises(StrengthError, match="not in the scene any more"):
        control.apply(0.5)


def test_an_input_of_another_size_is_noticed(slicer_scene: SlicerScene, denoised: Results) -> None:
    other = slicer_scene.add_volume(HU[:4], name="other")
    denoised.input.SetAndObserveImageData(other.GetImageData())
    with pytest.raises(StrengthError, match="differ in size"):
        StrengthControl(denoised.output)
