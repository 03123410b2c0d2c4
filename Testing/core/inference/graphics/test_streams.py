from __future__ import annotations

import numpy as np
import pytest
import torch

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.inference.graphics.streams import Delivery, PlainStreams, streams_of


def test_what_is_sent_comes_back():
    streams = PlainStreams("cpu")
    host = streams.memory((2, 3), torch.float32)
    host.copy_(torch.arange(6.0).reshape(2, 3))
    with streams.arriving() as arrived:
        there = streams.to_device(host)
        arrived.append(there)
    streams.join()
    delivery = streams.to_host((there, there + 1))
    first, second = delivery.arrays()
    assert delivery.has_arrived
    np.testing.assert_array_equal(first + 1, second)


def test_a_delivery_is_waited_for_and_copied_from_memory_that_is_only_lent():
    lent = torch.zeros(3)
    delivery = Delivery([lent], arrived=lambda: bool(lent[0]), wait=lambda: lent.fill_(7))
    assert not delivery.has_arrived
    (values,) = delivery.arrays()
    assert delivery.has_arrived
    lent.fill_(0)
    np.testing.assert_array_equal(values, 7)


def test_a_processor_computes_batches_in_their_turn():
    assert streams_of(Backend("cpu", "bf16")).batches_ahead == 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="There is no graphics processor with CUDA here.")
@pytest.mark.parametrize(("precision", "ahead"), [("fp16", 1), ("fp32", 0)])
def test_copies_wait_for_the_computing_and_the_computing_for_copies(precision, ahead):
    streams = streams_of(Backend("cuda:0", precision))
    assert streams.batches_ahead == ahead
    side = 2048
    for factor in range(1, 20):
        host = streams.memory((side, side), torch.float32)
        assert host.is_pinned()
        host.fill_(factor)
        with streams.arriving() as arrived:
            there = streams.to_device(host) + 0
            arrived.append(there)
        del host, arrived
        streams.join()
        product = there @ there
        delivery = streams.to_host([product])
        del there, product
        (values,) = delivery.arrays()
        np.testing.assert_array_equal(values, side * factor**2)
