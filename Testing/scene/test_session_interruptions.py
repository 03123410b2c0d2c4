"""A session while nodes vanish, the scene closes or the worker dies, at every moment of its life."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from CTDenoiseLib.worker.workplace import Workplace
from CTDenoiseScene.denoise_session import DenoiseSession, SessionState
from CTDenoiseScene.results import Results
from CTDenoiseScene.voxels import voxels_of
from support.ct_series import anatomy
from support.session_bench import SessionBench
from support.worker_bench import WorkerBench

BLANK = -1024
# Enough that the worker is not done before the client hears of the first section.
HU = np.tile(anatomy(), (8, 2, 2)).astype(np.int16)
STARTING, RUNNING, CANCELLED = SessionState.STARTING, SessionState.RUNNING, SessionState.CANCELLED

Act = Callable[[SessionBench, DenoiseSession, Any], None]


@pytest.fixture
def exam(session_bench: SessionBench) -> Any:
    return session_bench.parts.add_volume(HU, name="exam")


@pytest.fixture
def long_exam(session_bench: SessionBench) -> Any:
    """Takes the worker a second or more."""
    return session_bench.parts.add_volume(np.tile(HU, (1, 3, 3)), name="exam")


def remove_input(bench: SessionBench, _session: DenoiseSession, exam: Any) -> None:
    bench.parts.scene.RemoveNode(exam)


def remove_output(bench: SessionBench, session: DenoiseSession, _exam: Any) -> None:
    if session.results is not None:
        bench.parts.scene.RemoveNode(session.results.output)


def remove_noise(bench: SessionBench, session: DenoiseSession, _exam: Any) -> None:
    if session.results is not None:
        bench.parts.scene.RemoveNode(session.results.noise)


def close_scene(bench: SessionBench, _session: DenoiseSession, _exam: Any) -> None:
    bench.parts.close()


def close_session(_bench: SessionBench, session: DenoiseSession, _exam: Any) -> None:
    session.close()


def cancel(_bench: SessionBench, session: DenoiseSession, _exam: Any) -> None:
    session.cancel()


def on_state(session: DenoiseSession, state: SessionState, act: Callable[[], None]) -> None:
    session.state_changed.connect(lambda now: act() if now is state else None)


def at_starting(session: DenoiseSession, act: Callable[[], None]) -> None:
    on_state(session, STARTING, act)


def at_running(session: DenoiseSession, act: Callable[[], None]) -> None:
    on_state(session, RUNNING, act)


def at_third_section(session: DenoiseSession, act: Callable[[], None]) -> None:
    shown: list[int] = []

    def on_shown(index: int) -> None:
        shown.append(index)
        if len(shown) == 3:
            act()

    session.section_shown.connect(on_shown)


def at_cancelling(session: DenoiseSession, act: Callable[[], None]) -> None:
    on_state(session, SessionState.CANCELLING, act)
    at_third_section(session, session.cancel)


def at_the_end(session: DenoiseSession, act: Callable[[], None]) -> None:
    on_state(session, SessionState.DONE, act)


@pytest.mark.parametrize("act", [remove_input, remove_output, remove_noise, close_scene, close_session, cancel])
@pytest.mark.parametrize("moment", [at_starting, at_running, at_third_section, at_cancelling, at_the_end])
def test_nothing_raises_and_the_next_run_works(
    session_bench: SessionBench, exam: Any, moment: Callable[..., None], act: Act
) -> None:
    sentences: list[str] = []
    session = session_bench.session(exam)
    session.failed.connect(sentences.append)
    moment(session, lambda: act(session_bench, session, exam))
    session.start((30,))
    session_bench.finish(session)
    assert session.state in (CANCELLED, SessionState.DONE)
    assert sentences == []
    session.close()
    again = session_bench.session(session_bench.parts.add_volume(HU, name="next"))
    again.start()
    session_bench.finish(again)
    assert again.state is SessionState.DONE
    assert len(again.results.sections) == 72


@pytest.mark.parametrize("act", [remove_input, remove_noise, cancel])
def test_finished_sections_stay_and_the_others_are_blank(session_bench: SessionBench, long_exam: Any, act: Act) -> None:
    session = session_bench.session(long_exam)
    at_third_section(session, lambda: act(session_bench, session, long_exam))
    session.start((30,))
    session_bench.finish(session)
    assert session.state is CANCELLED
    results = session.results
    assert 3 <= len(results.sections) < 72
    output = voxels_of(results.output)
    for index, section in enumerate(output):
        blank = index not in results.sections
        assert (section == BLANK).all() == blank


def test_cancelling_takes_less_than_a_second(session_bench: SessionBench, long_exam: Any) -> None:
    session = session_bench.session(long_exam)
    at_third_section(session, session.cancel)
    session.start()
    session_bench.wait_until(lambda: session.state is SessionState.CANCELLING or session.state.ended)
    session_bench.worker.wait_until(lambda: session.work(0.01) or session.state.ended, seconds=1.0)


@pytest.mark.parametrize("moment", [at_starting, at_running])
def test_a_run_that_is_cancelled_before_anything_is_denoised_leaves_nothing(
    session_bench: SessionBench, exam: Any, moment: Callable[..., None]
) -> None:
    nodes = session_bench.parts.scene.GetNumberOfNodes()
    session = session_bench.session(exam)
    # The nodes are there, but no section is shown as long as nobody reads what the worker says.
    moment(session, session.cancel)
    session.start()
    session_bench.finish(session)
    assert session.state is CANCELLED
    if session.results is None:
        assert session_bench.parts.scene.GetNumberOfNodes() == nodes
        assert session_bench.files == set()
    else:
        assert session.results.sections


@pytest.mark.parametrize("act", [remove_output, close_scene])
def test_the_files_go_with_the_nodes(session_bench: SessionBench, exam: Any, act: Act) -> None:
    session = session_bench.session(exam)
    at_third_section(session, lambda: act(session_bench, session, exam))
    session.start((30,))
    session_bench.finish(session)
    gc.collect()
    assert session_bench.files <= ({"noise"} if act is remove_output else set())


def test_a_closed_scene_leaves_no_reference_to_the_input(session_bench: SessionBench) -> None:
    session = session_bench.session(session_bench.parts.add_volume(HU, name="exam"))
    freed: list[int] = []
    image = session_bench.parts.scene.GetFirstNodeByName("exam").GetImageData()
    image.AddObserver("DeleteEvent", lambda *_: freed.append(1))
    del image
    at_third_section(session, session_bench.parts.close)
    session.start((30,))
    session_bench.finish(session)
    gc.collect()
    assert freed == [1]


def test_views_can_be_drawn_after_the_nodes_are_gone(session_bench: SessionBench, exam: Any) -> None:
    parts = session_bench.parts
    session = session_bench.session(exam)
    red = parts.slice_logic("Red")

    def show() -> None:
        red.GetSliceCompositeNode().SetBackgroundVolumeID(session.results.output.GetID())
        red.ResizeSliceNode(64, 64)
        red.FitSliceToAll()
        red.GetImageDataConnection().GetProducer().Update()

    def vanish() -> None:
        reslice = red.GetBackgroundLayer().GetReslice()
        parts.scene.RemoveNode(session.results.output)
        gc.collect()
        reslice.Modified()
        reslice.Update()

    at_running(session, show)
    at_third_section(session, vanish)
    session.start((30,))
    session_bench.finish(session)
    red.UpdatePipeline()
    assert session.results is None


@pytest.mark.skipif(sys.platform == "win32", reason="Signals end processes on POSIX systems.")
class TestAWorkerThatDies:
    @pytest.fixture
    def own_bench(self, tmp_path: Any, slicer_scene: Any, small_model: Any) -> Any:
        worker, workplace = WorkerBench(tmp_path / "worker", {"OMP_NUM_THREADS": "1"}), Workplace(tmp_path)
        bench = SessionBench(slicer_scene, worker, workplace, small_model)
        yield bench
        bench.close()
        worker.close()

    @staticmethod
    def kill(bench: SessionBench) -> None:
        os.kill(bench.worker.process_id, signal.SIGKILL)

    def test_fails_the_run_with_a_sentence_keeps_what_is_finished_and_the_next_start_works(
        self, own_bench: SessionBench
    ) -> None:
        exam = own_bench.parts.add_volume(np.tile(HU, (1, 3, 3)), name="exam")
        session = own_bench.session(exam)
        said: list[Any] = []
        session.failed.connect(said.append)
        session.state_changed.connect(said.append)
        at_third_section(session, lambda: self.kill(own_bench))
        session.start((30,))
        own_bench.finish(session)
        assert session.state is SessionState.FAILED
        assert "SIGKILL" in session.failure
        assert said[-2:] == [session.failure, SessionState.FAILED]
        assert 3 <= len(session.results.sections) < 72
        undone = sorted(set(range(72)) - session.results.sections)
        assert (voxels_of(session.results.output)[undone] == BLANK).all()
        assert Results.of(session.results.output).noise is not None

        again = own_bench.run(exam, sections=(0, 1))
        assert again.state is SessionState.DONE
        assert len(own_bench.worker.transports) == 2

    def test_while_it_starts_leaves_nothing(self, own_bench: SessionBench) -> None:
        exam = own_bench.parts.add_volume(HU, name="exam")
        session = own_bench.session(exam)
        session.start()
        self.kill(own_bench)
        own_bench.finish(session)
        assert session.state is SessionState.FAILED
        assert session.failure
        assert session.results is None
        assert own_bench.files == set()
        assert own_bench.run(exam, sections=(0,)).state is SessionState.DONE


@pytest.mark.skipif(sys.platform == "win32", reason="Windows gives a file its room on the disk at once.")
def test_a_disk_that_fills_up_fails_the_run_with_a_sentence(
    session_bench: SessionBench, exam: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_bench.session(exam)
    said: list[str] = []
    session.failed.connect(said.append)
    session.note.connect(said.append)

    def fill() -> None:
        def pwrite(*_: Any) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.pwrite", pwrite)

    at_third_section(session, fill)
    session.start((30,))
    session_bench.finish(session)
    assert session.state is SessionState.FAILED
    assert said == [session.failure]
    assert "make room" in session.failure
    assert len(session.results.sections) >= 3


def test_a_session_whose_input_is_gone_before_the_start_says_so(session_bench: SessionBench, exam: Any) -> None:
    session = session_bench.session(exam)
    session_bench.parts.scene.RemoveNode(exam)
    session.start()
    assert session.state is SessionState.FAILED
    assert "not in the scene any more" in session.failure
