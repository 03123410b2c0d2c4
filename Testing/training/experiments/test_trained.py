from __future__ import annotations

import errno
from dataclasses import dataclass, replace

import pytest
import torch

from CTDenoiseLib.atomic import WriteFailedError
from CTDenoiseTrainLib.experiments import trained as trained_module
from CTDenoiseTrainLib.experiments.trained import TrainingPlan, trained
from CTDenoiseTrainLib.experiments.workbench import ExperimentError
from CTDenoiseTrainLib.recipe.content import TrainingOptions
from support.flat_pairs import FlatPairs
from support.tiny_experiment import TinySettings, open_bench, start

PLAN = TinySettings().plan
STEPS = 9


@dataclass(frozen=True)
class CutOff(FlatPairs):
    """Pairs that the user cuts off when one of them is drawn."""

    at: int = 0

    def draw(self, numbers):
        if self.at in numbers:
            raise KeyboardInterrupt
        return super().draw(numbers)


def train(bench, *, batches=FlatPairs, plan=PLAN, **options):
    return trained(bench, "network", start=start, batches=batches, plan=plan, seed=5, **options)


def never():
    raise AssertionError("A finished training was begun again.")


def weights(result):
    return result.network.state_dict()


def same(first, second):
    return all(torch.equal(weights(first)[key], weights(second)[key]) for key in weights(first))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    return train(open_bench(tmp_path_factory.mktemp("whole") / "folder"))


def test_a_network_is_trained_and_learns(uninterrupted):
    assert uninterrupted.steps == STEPS
    assert len(uninterrupted.losses) == 3
    assert uninterrupted.losses[-1] < uninterrupted.losses[0]
    assert uninterrupted.validation == ()
    assert not uninterrupted.network.training
    assert not same(uninterrupted, replace(uninterrupted, network=start()))


def test_a_finished_training_is_found_again(tmp_path, uninterrupted):
    first = train(open_bench(tmp_path / "folder"))
    bench = open_bench(tmp_path / "folder")
    again = train(bench, batches=never)
    assert same(first, again)
    assert replace(again, network=first.network) == first
    assert bench.watcher.steps == []
    # And the same numbers come out in any folder.
    assert same(first, uninterrupted)
    assert first.sha256 == uninterrupted.sha256


# A batch has two pairs and an epoch three steps: within the first epoch, between two, and within the last.
@pytest.mark.parametrize("at", [3, 6, 15])
def test_a_training_that_was_cut_off_goes_on_to_the_same_weights(tmp_path, uninterrupted, at):
    with pytest.raises(KeyboardInterrupt):
        train(open_bench(tmp_path / "folder"), batches=lambda: CutOff(at=at))
    bench = open_bench(tmp_path / "folder")
    drawn = []

    @dataclass(frozen=True)
    class Noted(FlatPairs):
        def draw(self, numbers):
            drawn.extend(numbers)
            return super().draw(numbers)

    result = train(bench, batches=Noted)
    assert same(result, uninterrupted)
    assert result.losses == uninterrupted.losses
    assert result.steps == STEPS
    # Pairs are drawn ahead, so the last steps before the cut may be lost, but not all.
    assert min(drawn) > 0
    assert not list((bench.folder / "stages").glob("*.checkpoints"))


def test_damaged_checkpoints_are_told_and_the_training_begins_anew(tmp_path, uninterrupted):
    with pytest.raises(KeyboardInterrupt):
        train(open_bench(tmp_path / "folder"), batches=lambda: CutOff(at=15))
    bench = open_bench(tmp_path / "folder")
    for tensors in bench.folder.rglob("tensors.safetensors"):
        tensors.write_bytes(b"damaged")
    assert same(train(bench), uninterrupted)
    (note,) = bench.watcher.notes
    assert "is damaged" in note
    assert note.endswith("The stage is trained from its start.")


def test_weights_that_were_altered_are_refused_with_what_to_do(tmp_path):
    bench = open_bench(tmp_path / "folder")
    train(bench)
    file = bench.stage_file("network", ".safetensors")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(ExperimentError, match=r"is missing or damaged; delete network\.training\.json"):
        train(bench)
    file.unlink()
    with pytest.raises(ExperimentError, match="is missing or damaged"):
        train(bench)
    bench.stage_file("network", ".training.json").unlink()
    assert train(bench).steps == STEPS


def test_measured_figures_may_have_the_name_of_the_training(tmp_path):
    bench = open_bench(tmp_path / "folder")
    train(bench)
    assert bench.figures("network", lambda: {"level": 1.0}) == {"level": 1.0}
    assert train(bench, batches=never).steps == STEPS


def test_the_best_epoch_is_kept_and_validation_is_recorded(tmp_path):
    from CTDenoiseTrainLib.training.news import ValidationFigures

    losses = iter((4.0, 1.0, 3.0, 2.0))
    seen = []

    def validate(network, epoch, check):
        seen.append({key: tensor.clone() for key, tensor in network.state_dict().items()})
        return ValidationFigures(
            loss=next(losses), rmse=None, psnr=None, ssim=None, noise_reduction=None, residual_index=None
        )

    result = train(open_bench(tmp_path / "folder"), validate=validate)
    assert result.validation == (4.0, 1.0, 3.0, 2.0)
    assert all(torch.equal(seen[1][key], tensor) for key, tensor in weights(result).items())


def test_only_the_chosen_parameters_learn(tmp_path):
    result = train(open_bench(tmp_path / "folder"), learning=lambda network: network.noise.parameters())
    torch.manual_seed(5)
    before = start().state_dict()
    changed = {key for key, tensor in weights(result).items() if not torch.equal(tensor, before[key])}
    assert changed == {key for key in before if key.startswith("noise.")}


def test_a_disk_that_fails_at_the_end_leaves_the_training_to_go_on(tmp_path, uninterrupted, monkeypatch):
    def full(*_):
        raise WriteFailedError(tmp_path, OSError(errno.ENOSPC, "No space left on device"))

    with monkeypatch.context() as patch:
        patch.setattr(trained_module, "write_json", full)
        with pytest.raises(WriteFailedError, match="disk is full"):
            train(open_bench(tmp_path / "folder"))
    assert same(train(open_bench(tmp_path / "folder")), uninterrupted)


def test_the_watcher_is_told_how_far_it_is(tmp_path, monkeypatch):
    from CTDenoiseTrainLib.training import trainer

    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_NEWS", 0)
    bench = open_bench(tmp_path / "folder")
    train(bench, plan=TrainingPlan(options=TrainingOptions(epochs=1, batch=2), steps_per_epoch=4))
    assert bench.watcher.steps == ["network"]
    assert {total for _, total in bench.watcher.counts} == {4}
    assert [done for done, _ in bench.watcher.counts] == sorted(done for done, _ in bench.watcher.counts)
