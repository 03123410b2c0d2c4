from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseTrainLib.training.loss_record import LossRecord

FINE = torch.tensor(1.0)


@given(
    losses=st.lists(st.floats(0, 1e6, width=32), min_size=1, max_size=30),
    fetched_after=st.sets(st.integers(0, 29)),
)
def test_sum_does_not_depend_on_when_it_is_fetched(losses, fetched_after):
    often, once = LossRecord(), LossRecord()
    for index, loss in enumerate(losses):
        for record in (often, once):
            record.add(torch.tensor(loss), FINE)
        if index in fetched_after:
            often.fetch()
    often.fetch()
    once.fetch()
    assert often.sum == once.sum
    assert often.recent_mean() == pytest.approx(sum(losses) / len(losses))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("watched", [False, True])
def test_first_that_is_no_number_is_found(bad, watched):
    record = LossRecord()
    for value in (1.0, 2.0, bad, bad, 3.0):
        pair = (FINE, torch.tensor(value)) if watched else (torch.tensor(value), FINE)
        record.add(*pair)
    assert record.fetch() == 2
    assert record.fetch() is None
