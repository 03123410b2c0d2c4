"""What the client says to a training that goes on, and what it is told."""

from __future__ import annotations

import math
import threading

import pytest

from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.worker.job_desk import JobDesk
from CTDenoiseLib.worker.messages import Message, Note, decode, encode
from CTDenoiseTrainLib.training.news import EpochNews, SaveWanted, StepNews, StoppedError, ValidationFigures
from CTDenoiseTrainLib.worker.desk_observer import DeskObserver
from CTDenoiseTrainLib.worker.messages import Continue, EpochDone, Pause, Paused, StepDone, Stop

JOB = 5


@pytest.fixture
def told() -> list[Message]:
    """What the client was told."""
    return []


@pytest.fixture
def desk(told) -> JobDesk:
    return JobDesk(JOB, told.append)


@pytest.fixture
def observer(desk) -> DeskObserver:
    return DeskObserver(desk)


def test_training_goes_on_while_nobody_says_anything(observer, told):
    observer.check()
    assert told == []


def test_a_stop_ends_it_at_this_check_and_at_all_after_it(observer, desk):
    desk.deliver(Stop(JOB))
    for _ in range(2):
        with pytest.raises(StoppedError):
            observer.check()


def test_being_cancelled_comes_before_all_else(observer, desk):
    desk.deliver(Stop(JOB))
    desk.cancel()
    with pytest.raises(Cancelled):
        observer.check()


class TestPause:
    @pytest.fixture
    def waiting(self, observer, desk, told):
        """A thread that waits in a pause; what came out of it is in the list."""
        desk.deliver(Pause(JOB))
        with pytest.raises(SaveWanted):
            observer.check()
        outcome, is_paused = [], threading.Event()
        told.clear()
        desk._send = lambda message: (told.append(message), is_paused.set())

        def check() -> None:
            try:
                outcome.append(observer.check())
            except Exception as error:
                outcome.append(type(error))

        thread = threading.Thread(target=check)
        thread.start()
        assert is_paused.wait(5)
        yield thread, outcome
        desk.cancel()
        thread.join()

    def test_it_has_the_state_saved_before_it_says_that_it_waits(self, waiting, told):
        thread, _ = waiting
        assert told == [Paused(JOB)]
        assert thread.is_alive()

    def test_continue_ends_it(self, waiting, desk, observer):
        thread, outcome = waiting
        desk.deliver(Continue(JOB))
        thread.join(5)
        assert outcome == [None]
        observer.check()

    def test_the_next_pause_saves_anew(self, waiting, desk, observer):
        thread, _ = waiting
        desk.deliver(Continue(JOB))
        thread.join(5)
        desk.deliver(Pause(JOB))
        with pytest.raises(SaveWanted):
            observer.check()

    def test_a_stop_ends_it_and_the_training(self, waiting, desk):
        thread, outcome = waiting
        desk.deliver(Stop(JOB))
        thread.join(5)
        assert outcome == [StoppedError]

    def test_cancelling_ends_it_at_once(self, waiting, desk):
        thread, outcome = waiting
        desk.cancel()
        thread.join(5)
        assert outcome == [Cancelled]

    def test_taken_back_before_it_began_it_does_not_happen(self, desk, observer, told):
        desk.deliver(Pause(JOB))
        desk.deliver(Continue(JOB))
        observer.check()
        assert told == []

    def test_taken_back_while_the_state_is_saved_it_does_not_happen(self, desk, observer, told):
        desk.deliver(Pause(JOB))
        with pytest.raises(SaveWanted):
            observer.check()
        desk.deliver(Continue(JOB))
        observer.check()
        assert told == []

    def test_a_stop_with_it_is_a_stop(self, desk, observer):
        desk.deliver(Pause(JOB))
        desk.deliver(Stop(JOB))
        with pytest.raises(StoppedError):
            observer.check()


class TestNews:
    def test_a_step_is_told_with_all_its_figures(self, observer, told):
        news = {
            **{"epoch": 2, "epochs": 9, "step": 150, "steps": 900, "loss": 0.25, "rate": 1e-3},
            **{"samples_per_second": 80.0, "data_share": 0.1, "seconds_remaining": 60.0},
        }
        observer.on_step(StepNews(**news))
        assert told == [StepDone(JOB, **news)]

    def test_an_epoch_is_told_with_its_validation(self, observer, told):
        figures = {"rmse": 12.0, "psnr": 44.0, "ssim": 0.9, "noise_reduction": 55.0, "residual_index": None}
        epoch = {"epoch": 3, "loss": 0.5, "best": True, "seconds": 70.0}
        observer.on_epoch(EpochNews(**epoch, validation=ValidationFigures(loss=140.0, **figures)))
        assert told == [EpochDone(JOB, **epoch, validation_loss=140.0, **figures)]

    def test_a_figure_that_is_no_number_is_none(self, observer, told):
        figures = ValidationFigures(
            loss=math.nan, rmse=math.inf, psnr=1.0, ssim=None, noise_reduction=2.0, residual_index=3.0
        )
        observer.on_epoch(EpochNews(epoch=1, loss=0.5, best=False, seconds=1.0, validation=figures))
        (news,) = told
        assert (news.validation_loss, news.rmse, news.ssim) == (None, None, None)
        assert decode(encode(news)) == news

    def test_a_note_is_told_as_it_is(self, observer, told):
        observer.on_note("The images are few.")
        assert told == [Note(JOB, "The images are few.")]

    def test_a_note_is_a_moment_to_be_cancelled(self, observer, desk):
        desk.cancel()
        with pytest.raises(Cancelled):
            observer.on_note("Reading series 2 of 8.")
