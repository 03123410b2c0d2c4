from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import nn

from CTDenoiseTrainLib.training.synchronised_norm import SynchronisedBatchNorm2d, synchronise_batch_norm
from support.tiny_model import tiny_network


@pytest.fixture
def one_process(tmp_path: Path) -> Iterator[None]:
    """A group of this process alone: what several do together is part of the test of distributed training."""
    dist.init_process_group("gloo", init_method=(tmp_path / "group").as_uri(), rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def both_norms() -> tuple[nn.BatchNorm2d, SynchronisedBatchNorm2d]:
    torch.manual_seed(0)
    plain, network = nn.BatchNorm2d(3, momentum=0.3), nn.Sequential(nn.BatchNorm2d(3, momentum=0.3))
    for norm in (plain, network[0]):
        nn.init.constant_(norm.weight, 1.7)
        nn.init.constant_(norm.bias, -0.4)
    synchronise_batch_norm(network, device="cpu")
    return plain, network[0]


# The mean of a batch of CT values is many times its SD.
@pytest.mark.parametrize("mean", [0.0, 100.0])
def test_output_gradients_and_statistics_are_those_of_pytorch(one_process, mean):
    plain, synchronised = both_norms()
    outcomes = []
    for norm in (plain, synchronised):
        torch.manual_seed(1)
        given = (mean + torch.randn(4, 3, 5, 6)).requires_grad_()
        wanted = torch.randn(4, 3, 5, 6)
        output = norm(given)
        (output * wanted).sum().backward()
        outcomes.append([output, given.grad, norm.weight.grad, norm.bias.grad, norm.running_mean, norm.running_var])
    for ours, theirs in zip(*outcomes, strict=True):
        # float32 keeps 1e-5 of an SD beside a mean of 100.
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    assert synchronised.num_batches_tracked == 1


def test_evaluation_uses_the_running_statistics(one_process):
    plain, synchronised = both_norms()
    given = torch.randn(4, 3, 5, 6)
    for norm in (plain, synchronised):
        norm(given)
        norm.eval()
    torch.testing.assert_close(plain(given), synchronised(given))


def test_all_norms_of_a_network_are_replaced_and_keep_their_parameters():
    network = tiny_network().train()
    network.down[0].eval()
    parameters = dict(network.named_parameters())
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    synchronise_batch_norm(network, device="cpu")
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert all(isinstance(norm, SynchronisedBatchNorm2d) for norm in norms)
    assert [norm.training for norm in norms] == [False, False] + [True] * (len(norms) - 2)
    assert all(parameter is parameters[name] for name, parameter in network.named_parameters())
    after = network.state_dict()
    assert all(torch.equal(after[key], tensor) for key, tensor in before.items())
