from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import safetensors.torch
import torch

from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.inference import Backend
from CTDenoiseLib.networks import HRCNN, DenoisingNetwork
from CTDenoiseTrainLib.errors import CheckpointError, LossError
from CTDenoiseTrainLib.pairs.batch import Batch
from CTDenoiseTrainLib.recipe.content import TrainingOptions
from CTDenoiseTrainLib.training.news import SaveWanted, StoppedError, ValidationFigures
from CTDenoiseTrainLib.training.state import TrainerState
from CTDenoiseTrainLib.training.trainer import Trainer
from support.flat_pairs import FlatPairs
from support.training_watcher import Watcher

OPTIONS = TrainingOptions(epochs=3, batch=4, averaging=0.9, patience=0)
STEPS_PER_EPOCH = 4
STEPS = OPTIONS.epochs * STEPS_PER_EPOCH
CPU = Backend("cpu", "fp32")


def network(seed: int = 0, width: int = 4) -> HRCNN:
    torch.manual_seed(seed)
    return HRCNN(context=1, width=width, levels=2)


def figures(loss: float | None = None, rmse: float | None = None) -> ValidationFigures:
    return ValidationFigures(loss=loss, rmse=rmse, psnr=None, ssim=None, noise_reduction=None, residual_index=None)


def mean_squared_error(averaged: DenoisingNetwork, epoch: int, check: Callable[[], None]) -> ValidationFigures:
    """A validation on pairs that training does not see."""
    check()
    batch = FlatPairs().draw(range(10**6, 10**6 + 8))
    with torch.no_grad():
        noise = 100 * averaged(batch.sections / 100)
    return figures(loss=float((noise - batch.noise).square().mean()))


def through_files(state: TrainerState) -> TrainerState:
    """The state as it comes back from safetensors and JSON."""
    tensors = safetensors.torch.load(safetensors.torch.save(state.tensors))
    return TrainerState(tensors, json.loads(json.dumps(state.content, allow_nan=False)))


@dataclass
class Saved:
    """Keeps the states of a training, as they would come back from files."""

    states: list[TrainerState] = field(default_factory=list)
    at_epochs: list[bool] = field(default_factory=list)

    def __call__(self, state: TrainerState, epoch_over: bool) -> None:
        self.states.append(through_files(state))
        self.at_epochs.append(epoch_over)


def trainer(options: TrainingOptions = OPTIONS, *, of: DenoisingNetwork | None = None, **changes) -> Trainer:
    settings = {
        "batches": FlatPairs(),
        "steps_per_epoch": STEPS_PER_EPOCH,
        "scale_hu": 100.0,
        "backend": CPU,
        "observer": Watcher(),
        "validate": mean_squared_error,
    }
    return Trainer(of or network(), options=options, **settings | changes)


def stop() -> None:
    raise StoppedError


def save_now() -> None:
    raise SaveWanted


def cancel() -> None:
    raise Cancelled("Enough.")


def assert_same(first: TrainerState, second: TrainerState) -> None:
    """All but the times are equal to the last bit."""
    assert first.tensors.keys() == second.tensors.keys()
    assert all(torch.equal(first.tensors[key], second.tensors[key]) for key in first.tensors)
    untimed = [
        {**state.content, "seconds": 0, "history": [replace(news, seconds=0) for news in state.history]}
        for state in (first, second)
    ]
    assert untimed[0] == untimed[1]


class TestLearning:
    def test_a_network_learns_what_noise_is(self):
        outcome = trainer(replace(OPTIONS, epochs=15, highest_rate=1e-2)).run()
        losses = [news.loss for news in outcome.history[1:]]
        # All that varies in a flat section is noise: what is left must fall well below the 900 HU² of the noise itself.
        assert losses[-1] < 0.5 * losses[0]
        assert outcome.history[-1].validation.loss < 450
        assert outcome.complete
        assert not outcome.network.training

    def test_same_training_gives_the_same_numbers(self):
        first, second = trainer(), trainer()
        first.run()
        second.run()
        assert_same(first.state(), second.state())

    def test_step_s_takes_the_pairs_from_s_times_the_batch(self):
        drawn: list[int] = []

        class Recorded(FlatPairs):
            def draw(self, numbers: Sequence[int]) -> Batch:
                drawn.extend(numbers)
                return super().draw(numbers)

        trainer(batches=Recorded()).run()
        assert drawn == list(range(STEPS * OPTIONS.batch))

    def test_layers_that_do_not_learn_keep_their_weights_and_all_their_statistics(self):
        net = network()
        before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
        outcome = trainer(of=net, learning=[*net.up.parameters(), *net.noise.parameters()]).run()
        changed = {key for key, tensor in net.state_dict().items() if not torch.equal(tensor, before[key])}
        assert changed == {key for key, _ in net.named_parameters() if key.startswith(("up.", "noise."))}
        kept = {key: tensor for key, tensor in outcome.network.state_dict().items() if key not in changed}
        assert all(torch.equal(tensor, before[key]) for key, tensor in kept.items())

    @pytest.mark.skipif("bf16" not in str(Backend.choose("cpu")), reason="This processor computes in float32 only.")
    def test_lower_precision_learns_as_much(self):
        options = replace(OPTIONS, epochs=6)
        exact = trainer(options).run().history[-1].validation.loss
        lower = trainer(options, backend=Backend("cpu", "bf16")).run().history[-1].validation.loss
        # bf16 rounds to 0.4 %; after 24 steps the ways have parted by no more than a few percent.
        assert lower == pytest.approx(exact, rel=0.1)


@pytest.fixture(scope="module")
def uninterrupted() -> TrainerState:
    """The end of a training that was never stopped."""
    whole = trainer()
    whole.run()
    return whole.state()


class TestGoingOn:
    @pytest.mark.parametrize("steps", range(0, STEPS, 3))
    def test_stopped_training_goes_on_to_the_same_numbers(self, uninterrupted, steps):
        """Checks are one for each step and one for each validation."""
        saved = Saved()
        at_check = steps + 1 + steps // STEPS_PER_EPOCH
        stopped = trainer(save=saved, observer=Watcher({at_check: stop})).run()
        assert not stopped.complete
        assert saved.states[-1].step == steps
        resumed = trainer(of=network(seed=7))
        resumed.restore(saved.states[-1])
        assert resumed.run().complete
        assert_same(resumed.state(), uninterrupted)

    def test_stop_in_the_middle_of_a_validation_loses_nothing(self, uninterrupted):
        saved = Saved()
        trainer(save=saved, observer=Watcher({STEPS_PER_EPOCH + 1: stop})).run()
        assert saved.states[-1].step == STEPS_PER_EPOCH
        assert [news.epoch for news in saved.states[-1].history] == [0]
        resumed = trainer(of=network(seed=7))
        resumed.restore(saved.states[-1])
        resumed.run()
        assert_same(resumed.state(), uninterrupted)

    def test_stop_in_the_last_validation_leaves_it_to_do(self, uninterrupted):
        saved = Saved()
        outcome = trainer(save=saved, observer=Watcher({STEPS + OPTIONS.epochs: stop})).run()
        assert (outcome.complete, outcome.epochs) == (False, OPTIONS.epochs - 1)
        assert saved.states[-1].step == STEPS
        resumed = trainer()
        resumed.restore(saved.states[-1])
        assert resumed.run().complete
        assert_same(resumed.state(), uninterrupted)

    def test_every_checkpoint_leads_to_the_same_end(self, uninterrupted):
        saved = Saved()
        trainer(replace(OPTIONS, checkpoint_minutes=0), save=saved).run()
        assert len(saved.states) >= STEPS
        for state in saved.states[::4]:
            resumed = trainer(of=network(seed=7))
            resumed.restore(state)
            resumed.run()
            assert_same(resumed.state(), uninterrupted)

    def test_seconds_add_up_over_all_runs(self):
        saved = Saved()
        trainer(save=saved, observer=Watcher({3: stop})).run()
        resumed = trainer()
        resumed.restore(TrainerState(saved.states[-1].tensors, saved.states[-1].content | {"seconds": 3600.0}))
        assert 3600 < resumed.run().seconds < 3700

    def test_complete_training_has_nothing_left_to_do(self):
        saved, watcher = Saved(), Watcher()
        trainer(save=saved).run()
        again = trainer(observer=watcher)
        again.restore(saved.states[-1])
        outcome = again.run()
        assert outcome.complete
        assert outcome.epochs == OPTIONS.epochs
        assert watcher.epochs == []

    @pytest.mark.parametrize("other", [network(width=6), HRCNN(context=1, width=4, levels=3)])
    def test_state_of_another_network_is_refused(self, other):
        saved = Saved()
        trainer(save=saved, of=other).run()
        with pytest.raises(CheckpointError, match="not one of this network"):
            trainer().restore(saved.states[-1])

    def test_state_of_other_learning_layers_is_refused(self):
        saved, net = Saved(), network()
        trainer(save=saved).run()
        with pytest.raises(CheckpointError, match="learning layers"):
            trainer(of=net, learning=net.noise.parameters()).restore(saved.states[-1])


class TestBestEpoch:
    def run(self, losses: Sequence[float], by: str = "loss", **changes):
        epochs = len(losses) - 1
        options = replace(OPTIONS, epochs=epochs, **changes)
        return trainer(options, validate=lambda net, epoch, check: figures(**{by: losses[epoch]})).run()

    @pytest.mark.parametrize("by", ["loss", "rmse"])
    def test_lowest_validation_decides(self, by):
        outcome = self.run([9, 5, 3, 4], by)
        assert outcome.best_epoch == 2
        assert [news.best for news in outcome.history] == [True, True, True, False]

    def test_weights_are_those_of_the_best_epoch(self):
        after_one = trainer(replace(OPTIONS, epochs=2), validate=lambda net, epoch, check: figures(loss=abs(epoch - 1)))
        kept = after_one.run()
        seen: dict[int, dict[str, torch.Tensor]] = {}

        def look(net, epoch, check):
            seen[epoch] = {key: tensor.clone() for key, tensor in net.state_dict().items()}
            return figures()

        trainer(replace(OPTIONS, epochs=2), validate=look).run()
        assert kept.best_epoch == 1
        assert all(torch.equal(tensor, seen[1][key]) for key, tensor in kept.network.state_dict().items())

    def test_start_is_kept_if_nothing_was_better(self):
        net = network()
        before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
        outcome = trainer(of=net, validate=lambda net, epoch, check: figures(loss=epoch)).run()
        assert outcome.best_epoch == 0
        assert all(torch.equal(tensor, before[key]) for key, tensor in outcome.network.state_dict().items())

    def test_without_validation_the_last_epoch_is_taken(self):
        outcome = trainer(validate=None).run()
        assert outcome.best_epoch == OPTIONS.epochs
        assert [news.epoch for news in outcome.history] == [0, 1, 2, 3]

    def test_training_ends_when_nothing_gets_better(self):
        outcome = self.run([9, 3, 4, 4, 4, 4, 4], patience=2)
        assert (outcome.epochs, outcome.best_epoch, outcome.complete) == (3, 1, True)
        assert "none of 2 epochs was better than epoch 1" in outcome.reason

    def test_no_patience_means_no_early_end(self):
        assert self.run([9, 3, 4, 4, 4], patience=0).epochs == 4


class Broken(FlatPairs):
    """Pairs of which one has no number in its noise."""

    def draw(self, numbers: Sequence[int]) -> Batch:
        batch = super().draw(numbers)
        if 5 * OPTIONS.batch in numbers:
            batch.noise[0, 0, 0, 0] = math.nan
        return batch


class TestNoNumber:
    def test_loss_says_where_and_keeps_the_best(self):
        net, saved = network(), Saved()
        broken = trainer(of=net, batches=Broken(), save=saved, validate=lambda net, epoch, check: figures(9 - epoch))
        with pytest.raises(LossError, match=r"epoch 2, step 6 of all, at the learning rate .*weights of epoch 1"):
            broken.run()
        best = saved.states[-1].best_weights()
        assert all(torch.equal(tensor, best[key]) for key, tensor in net.state_dict().items())
        assert all(bool(torch.isfinite(tensor).all()) for tensor in broken.state().best_weights().values())

    def test_no_checkpoint_is_written_after_it(self):
        saved = Saved()
        with pytest.raises(LossError):
            trainer(replace(OPTIONS, checkpoint_minutes=0), batches=Broken(), save=saved).run()
        assert saved.states[-1].step == 5

    def test_validation_without_a_number_counts_likewise(self):
        with pytest.raises(LossError, match=r"validation after epoch 1 gave nan.*weights of epoch 0"):
            trainer(validate=lambda net, epoch, check: figures(loss=math.nan if epoch else 1.0)).run()


class TestObserver:
    def test_is_told_of_each_epoch_and_of_steps(self):
        watcher = Watcher()
        trainer(observer=watcher).run()
        assert [news.epoch for news in watcher.epochs] == [0, 1, 2, 3]
        first = watcher.steps[0]
        assert (first.epoch, first.step, first.steps, first.epochs) == (1, 1, STEPS, OPTIONS.epochs)
        assert first.samples_per_second > 0
        assert first.seconds_remaining > 0
        assert 0 <= first.data_share <= 1

    def test_epoch_has_the_mean_loss_of_its_steps(self):
        watcher = Watcher()

        class Checked(FlatPairs):
            def draw(self, numbers: Sequence[int]) -> Batch:
                return replace(super().draw(numbers), noise=torch.full((1, 1, 16, 16), 10.0 * numbers[0]))

        silent = network()
        torch.nn.init.zeros_(silent.noise.weight)
        torch.nn.init.zeros_(silent.noise.bias)
        # A rate of nearly nothing leaves the network at zero noise, so that the loss is the square of the target.
        still = replace(OPTIONS, epochs=1, batch=1, highest_rate=1e-12, lowest_rate=1e-12)
        trainer(still, of=silent, batches=Checked(), observer=watcher).run()
        losses = [(10.0 * number) ** 2 for number in range(STEPS_PER_EPOCH)]
        assert watcher.epochs[1].loss == pytest.approx(np.mean(losses), rel=1e-5)
        assert watcher.epochs[0].loss is None

    def test_has_the_state_saved_when_it_wants(self):
        saved = Saved()
        trainer(save=saved, observer=Watcher({3: save_now})).run()
        assert (saved.states[1].step, saved.at_epochs[1]) == (2, False)
        assert saved.at_epochs.count(True) == OPTIONS.epochs + 1

    def test_can_have_the_state_saved_during_a_validation(self):
        saved = Saved()
        outcome = trainer(save=saved, observer=Watcher({STEPS_PER_EPOCH + 1: save_now})).run()
        assert (saved.states[1].step, saved.at_epochs[1]) == (STEPS_PER_EPOCH, False)
        assert outcome.complete

    def test_ends_training_at_once_with_nothing_saved(self):
        saved = Saved()
        with pytest.raises(Cancelled):
            trainer(save=saved, observer=Watcher({3: cancel})).run()
        assert saved.at_epochs == [True]

    def test_stopped_training_says_that_it_can_go_on(self):
        outcome = trainer(observer=Watcher({6: stop})).run()
        assert not outcome.complete
        assert "can go on" in outcome.reason
        assert outcome.epochs == 1
