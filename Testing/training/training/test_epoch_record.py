from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from CTDenoiseTrainLib.errors import LossError
from CTDenoiseTrainLib.training.epoch_record import EpochRecord
from CTDenoiseTrainLib.training.news import ValidationFigures


def figures(loss: float | None = None, rmse: float | None = None) -> ValidationFigures:
    return ValidationFigures(loss=loss, rmse=rmse, psnr=None, ssim=None, noise_reduction=None, residual_index=None)


@pytest.fixture
def network() -> nn.Linear:
    return nn.Linear(1, 1)


def add(record: EpochRecord, network: nn.Module, **scores: float) -> bool:
    return record.add(figures(**scores), network, loss=1.0, seconds=0.0).best


def test_loss_decides_before_rmse(network):
    record = EpochRecord()
    assert add(record, network, loss=2, rmse=1)
    assert not add(record, network, loss=3, rmse=0.5)
    assert add(record, network, loss=1, rmse=2)
    assert record.best_epoch == 2


def test_equal_is_not_better(network):
    record = EpochRecord()
    for loss in (2, 2, 2):
        add(record, network, loss=loss)
    assert (record.best_epoch, record.epochs_since_best) == (0, 2)


def test_best_weights_are_a_copy(network):
    record = EpochRecord()
    add(record, network, loss=1)
    kept = float(record.best_weights["weight"])
    with torch.no_grad():
        network.weight += 1
    add(record, network, loss=2)
    assert float(record.best_weights["weight"]) == kept


@pytest.mark.parametrize("score", [math.nan, math.inf])
def test_validation_without_a_number_is_an_error(network, score):
    with pytest.raises(LossError, match="Lower the learning rate"):
        add(EpochRecord(), network, rmse=score)
