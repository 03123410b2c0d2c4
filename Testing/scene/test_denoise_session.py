from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vtk
from numpy.typing import NDArray

from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.volume import Acquisition, Volume
from CTDenoiseScene.denoise_session import DenoiseSession, SessionState
from CTDenoiseScene.mapped_volume import MappedVolume
from CTDenoiseScene.results import Results, find_results
from CTDenoiseScene.voxels import voxels_of
from support.ct_series import anatomy
from support.session_bench import SessionBench

HU = anatomy()
BLANK = -1024
DONE, FAILED, CANCELLED = SessionState.DONE, SessionState.FAILED, SessionState.CANCELLED


@pytest.fixture(scope="module")
def core_noise(small_model: Path) -> NDArray[np.float32]:
    """What the core without any scene or worker says the noise is, in HU."""
    denoiser = Denoiser(ModelStore(None, small_model).load("tiny"), Backend.choose("cpu", "fp32"))
    sections = denoiser.sections(Volume(HU, acquisition=Acquisition(modality="CT")))
    return np.stack([section.noise for section in sorted(sections, key=lambda section: section.index)])


@pytest.fixture
def exam(session_bench: SessionBench) -> Any:
    return session_bench.parts.add_volume(HU.astype(np.int16), name="exam", spacing=(1.0, 0.5, 0.5))


def record(session: DenoiseSession) -> list[Any]:
    """What a session says, in order: states, sections and sentences."""
    said: list[Any] = []
    for signal in (session.state_changed, session.section_shown, session.note, session.failed):
        signal.connect(said.append)
    return said


def assert_denoised(results: Results, noise_hu: NDArray[np.float32], sections: Any = slice(None)) -> None:
    """The nodes hold what the core computes, as exactly as they can."""
    noise = voxels_of(results.noise)[sections] * 0.1
    assert np.abs(noise - noise_hu[sections]).max() < 0.051
    assert np.abs(voxels_of(results.output)[sections] - (HU - noise_hu)[sections]).max() < 0.56


def test_a_run_shows_what_the_core_computes(
    session_bench: SessionBench, exam: Any, core_noise: NDArray[np.float32]
) -> None:
    session = session_bench.session(exam)
    said = record(session)
    session.start((4,))
    session_bench.finish(session)
    assert session.state is DONE
    assert_denoised(session.results, core_noise)
    assert voxels_of(session.results.output).dtype == np.int16
    assert session.results.sections == frozenset(range(9))
    assert said[:2] == [SessionState.STARTING, SessionState.RUNNING]
    assert said[-1] is DONE
    assert session.failure == ""


def test_sections_on_screen_come_first_then_their_neighbours(session_bench: SessionBench, exam: Any) -> None:
    session = session_bench.session(exam)
    shown: list[int] = []
    session.section_shown.connect(shown.append)
    session.start((6,))
    session_bench.finish(session)
    assert shown[0] == 6
    assert shown == [6, 5, 7, 4, 8, 3, 2, 1, 0]


def test_provenance_says_what_computed(session_bench: SessionBench, exam: Any) -> None:
    provenance = session_bench.run(exam).results.provenance
    card = ModelStore(None, session_bench.model_folder).card("tiny")
    assert (provenance.model, provenance.version) == ("tiny", card.version)
    assert provenance.weights_sha256 == card.weights.sha256
    assert (provenance.device, provenance.precision, provenance.context) == ("cpu", "fp32", 1)


def test_nodes_appear_blank_when_the_model_is_loaded(session_bench: SessionBench, exam: Any) -> None:
    session = session_bench.session(exam)
    blank: list[bool] = []

    def on_state(state: SessionState) -> None:
        if state is SessionState.RUNNING:
            blank.append(bool((voxels_of(session.results.output)[3] == BLANK).all()))

    session.state_changed.connect(on_state)
    session.start((3,))
    assert session.results is None or session.state is SessionState.RUNNING
    session_bench.finish(session)
    assert blank == [True]


def test_only_the_sections_asked_for_are_denoised_and_the_others_are_blank(
    session_bench: SessionBench, exam: Any, core_noise: NDArray[np.float32]
) -> None:
    results = session_bench.run(exam, sections=(2, 3, 4)).results
    assert_denoised(results, core_noise, slice(2, 5))
    assert (voxels_of(results.output)[[0, 1, 5, 6, 7, 8]] == BLANK).all()
    assert results.sections == {2, 3, 4}


@pytest.mark.parametrize("stored", [np.int32, np.float64])
def test_other_types_of_voxel_give_the_same(
    session_bench: SessionBench, core_noise: NDArray[np.float32], stored: type
) -> None:
    session = session_bench.run(session_bench.parts.add_volume(HU.astype(stored), name="exam"))
    assert_denoised(session.results, core_noise)
    assert voxels_of(session.results.output).dtype == (np.float32 if np.dtype(stored).kind == "f" else np.int16)


def test_an_exam_stored_along_another_axis_and_under_a_transform_is_denoised_as_stored(
    session_bench: SessionBench, core_noise: NDArray[np.float32]
) -> None:
    sagittal = [[0, 0, 2, -30], [-0.5, 0, 0, 40], [0, -0.5, 0, 50], [0, 0, 0, 1]]
    exam = session_bench.parts.add_volume(HU.astype(np.int16), name="exam", ijk_to_ras=sagittal)
    turn = vtk.vtkTransform()
    turn.RotateX(30)
    parent = session_bench.parts.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "turn")
    parent.SetMatrixTransformToParent(turn.GetMatrix())
    exam.SetAndObserveTransformNodeID(parent.GetID())
    results = session_bench.run(exam).results
    assert_denoised(results, core_noise)
    assert results.output.GetParentTransformNode() is parent


def test_padding_passes_through(session_bench: SessionBench) -> None:
    hu = HU.astype(np.int16)
    hu[:, :5] = -900
    session = session_bench.run(session_bench.parts.add_volume(hu), padding_hu=(-900.0, -900.0))
    assert (voxels_of(session.results.output)[:, :5] == -900).all()
    assert (voxels_of(session.results.output)[:, 20:30] != hu[:, 20:30]).any()


def test_progress_goes_up_to_all_sections(session_bench: SessionBench, exam: Any) -> None:
    session = session_bench.session(exam)
    done: list[tuple[int, int]] = []
    session.progress.connect(lambda progress: done.append((progress.done, progress.total)))
    session.start()
    session_bench.finish(session)
    assert done == [(number, 9) for number in range(1, 10)]


def test_the_input_copy_goes_with_the_run_and_the_maps_with_the_nodes(session_bench: SessionBench, exam: Any) -> None:
    session = session_bench.session(exam)
    session.start()
    assert session_bench.files == {"input", "noise", "output"}
    session_bench.finish(session)
    assert session_bench.files == {"noise", "output"}
    session_bench.parts.scene.RemoveNode(session.results.noise)
    session_bench.parts.scene.RemoveNode(session.results.output)
    session.close()
    session_bench.sessions.clear()
    assert session_bench.files == set()


def test_views_are_drawn_anew_for_sections_on_screen_and_at_the_end(session_bench: SessionBench, exam: Any) -> None:
    session = session_bench.session(exam)
    events: list[Any] = []

    def on_state(state: SessionState) -> None:
        if state is SessionState.RUNNING:
            source = session.results.output.GetImageDataConnection().GetProducer()
            source.AddObserver("ModifiedEvent", lambda *_: events.append("drawn"))

    session.state_changed.connect(on_state)
    session.section_shown.connect(events.append)
    session.start((4,))
    session_bench.finish(session)
    told = events[events.index(4) :]
    assert told[:2] == [4, "drawn"]
    assert told[-1] == "drawn"
    assert told.count("drawn") == 2


def test_strength_chosen_before_and_while_running_holds_for_all_sections(
    session_bench: SessionBench, exam: Any, core_noise: NDArray[np.float32]
) -> None:
    session = session_bench.session(exam, strength=0.2)
    seen: list[float] = []

    def on_shown(index: int) -> None:
        if index == 4:
            seen.append(np.abs(voxels_of(session.results.output)[4] - (HU - 0.2 * core_noise)[4]).max())
            session.preview_strength(0.6)
            seen.append(np.abs(voxels_of(session.results.output)[4] - (HU - 0.6 * core_noise)[4]).max())
            session.apply_strength(0.6)

    session.section_shown.connect(on_shown)
    session.start((4,))
    session_bench.finish(session)
    assert max(seen) < 0.56
    assert session.results.strength == 0.6
    assert np.abs(voxels_of(session.results.output) - (HU - 0.6 * core_noise)).max() < 0.56


def test_strength_can_be_changed_after_the_run(
    session_bench: SessionBench, exam: Any, core_noise: NDArray[np.float32]
) -> None:
    session = session_bench.run(exam)
    session.apply_strength(0.4)
    while session.work(0.01):
        pass
    assert np.abs(voxels_of(session.results.output) - (HU - 0.4 * core_noise)).max() < 0.56


def test_the_user_who_scrolls_sees_that_section_next(session_bench: SessionBench) -> None:
    many = np.tile(HU, (8, 6, 6)).astype(np.int16)
    session = session_bench.session(session_bench.parts.add_volume(many))
    shown: list[int] = []

    def on_shown(index: int) -> None:
        shown.append(index)
        if len(shown) == 1:
            session.prioritise((60,))

    session.section_shown.connect(on_shown)
    session.start((4,))
    session_bench.finish(session)
    assert shown[0] == 4
    # What the worker had begun or the client not yet read comes before.
    assert shown.index(60) < 40
    assert len(shown) == len(set(shown)) == 72


def test_scrolling_faster_than_the_worker_listens_does_not_stop_the_run(session_bench: SessionBench) -> None:
    # Small sections, of which the worker takes 64 at once.
    many = np.tile(HU[:, :24, :24], (48, 1, 1)).astype(np.int16)
    session = session_bench.session(session_bench.parts.add_volume(many))
    session.start((380,))
    for index in range(250):
        session.prioritise((index,))
    session_bench.finish(session)
    assert session.state is DONE


def test_scrolling_blanks_the_section_before_it_is_drawn(session_bench: SessionBench) -> None:
    many = np.tile(HU, (12, 1, 1)).astype(np.int16)
    session = session_bench.session(session_bench.parts.add_volume(many), sections=(0,))
    blank: list[bool] = []

    def on_shown(_index: int) -> None:
        assert 100 not in MappedVolume.behind(session.results.output).written
        session.prioritise((100, 101))
        blank.append(bool((voxels_of(session.results.output)[100:102] == BLANK).all()))

    session.section_shown.connect(on_shown)
    session.start((0,))
    session_bench.finish(session)
    assert blank == [True]


def test_running_again_makes_new_nodes(session_bench: SessionBench, exam: Any) -> None:
    first = session_bench.run(exam).results
    second = session_bench.run(exam, strength=0.5).results
    assert second.output is not first.output
    assert (first.output.GetName(), second.output.GetName()) == ("exam tiny", "exam tiny_1")
    assert not np.array_equal(voxels_of(first.output), voxels_of(second.output))
    assert len(find_results(session_bench.parts.scene, exam)) == 2


def test_running_again_replaces_the_latest_result_if_asked(session_bench: SessionBench, exam: Any) -> None:
    first = session_bench.run(exam)
    output, noise = first.results.output, first.results.noise
    output.SetAttribute("CTDenoise.match", "red")
    first.close()
    second = session_bench.run(exam, strength=0.5, replace=True).results
    assert (second.output, second.noise) == (output, noise)
    assert (second.strength, output.GetName()) == (0.5, "exam tiny")
    assert output.GetAttribute("CTDenoise.match") is None
    assert session_bench.files == {"noise", "output"}
    assert len(list(session_bench.workplace.path.glob("*.npy"))) == 2


def test_replacing_where_there_is_nothing_yet_makes_new_nodes(session_bench: SessionBench, exam: Any) -> None:
    assert session_bench.run(exam, replace=True).state is DONE


@pytest.mark.parametrize("value", [np.nan, 40_000])
def test_a_section_that_cannot_be_denoised_ends_the_run_with_a_sentence_and_what_is_finished_stays(
    session_bench: SessionBench, value: float, core_noise: NDArray[np.float32]
) -> None:
    hu = HU.astype(np.float64 if np.isnan(value) else np.int32)
    hu[8, 0, 0] = value
    session = session_bench.session(session_bench.parts.add_volume(hu, name="exam"))
    said = record(session)
    session.start((0,))
    session_bench.finish(session)
    assert session.state is FAILED
    assert "Section 9 of “exam” holds" in session.failure
    assert said.count(session.failure) == 1
    if session.results is not None:
        finished = sorted(session.results.sections)
        assert_denoised(session.results, core_noise, finished)
        assert (voxels_of(session.results.output)[8] == BLANK).all()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"sections": (3, 9)}, "has 9 sections"),
        ({"sections": ()}, "has 9 sections"),
        ({"strength": 1.5}, "between 0 and 1"),
        ({"model_name": "missing"}, "missing"),
        ({"device": "cuda:7"}, "cuda:7"),
        ({"modality": "MR"}, "modality MR"),
    ],
)
def test_a_run_that_cannot_be_is_told_in_a_sentence_and_leaves_nothing(
    session_bench: SessionBench, exam: Any, settings: dict[str, Any], sentence: str
) -> None:
    nodes = session_bench.parts.scene.GetNumberOfNodes()
    session = session_bench.session(exam, **settings)
    said = record(session)
    session.start()
    session_bench.finish(session)
    assert session.state is FAILED
    assert sentence in session.failure
    assert [text for text in said if isinstance(text, str)] == [session.failure]
    assert session.results is None
    assert session_bench.parts.scene.GetNumberOfNodes() == nodes
    assert session_bench.files == set()


def test_colours_are_refused_in_a_sentence(session_bench: SessionBench, exam: Any) -> None:
    image = vtk.vtkImageData()
    image.SetDimensions(8, 8, 8)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 3)
    exam.SetAndObserveImageData(image)
    session = session_bench.run(exam)
    assert session.state is FAILED
    assert "colours" in session.failure


def test_a_full_disk_is_told_before_anything_is_done(
    session_bench: SessionBench, exam: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    session = session_bench.run(exam)
    assert session.state is FAILED
    assert "make room" in session.failure
    assert session_bench.files == set()


def test_a_session_starts_only_once(session_bench: SessionBench, exam: Any) -> None:
    session = session_bench.run(exam)
    session.start()
    assert session.state is DONE


def test_a_second_run_needs_no_new_worker(session_bench: SessionBench, exam: Any) -> None:
    session_bench.run(exam)
    workers = len(session_bench.worker.transports)
    session = session_bench.session(exam)
    session.start()
    session.work(0)
    assert session.state is SessionState.RUNNING
    session_bench.finish(session)
    assert len(session_bench.worker.transports) == workers
