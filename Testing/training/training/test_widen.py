from __future__ import annotations

import pytest
import torch

from CTDenoiseLib.networks.hrcnn import HRCNN
from CTDenoiseTrainLib.training.widen import widened


def learnt(width: int) -> HRCNN:
    """A network whose statistics and scales are not those of a new one."""
    torch.manual_seed(3)
    network = HRCNN(width=width, levels=3)
    for _ in range(3):
        network.train()(torch.randn(2, 7, 16, 16) * 3 + 1)
    for name, parameter in network.named_parameters():
        if "weight" in name and parameter.ndim == 1:
            torch.nn.init.uniform_(parameter, 0.5, 1.5)
    return network.eval()


@pytest.mark.parametrize("times", [1, 2, 3])
def test_wider_network_gives_the_same_output(times):
    narrow = learnt(4)
    wide = widened(narrow, 4 * times, seed=0)
    assert wide.configuration == {"context": 3, "width": 4 * times, "levels": 3}
    sections = torch.randn(2, 7, 16, 24, dtype=torch.float64)
    with torch.no_grad():
        before, after = narrow.double()(sections), wide.double()(sections)
    # Shares of float32 add up to 1 within 1e-7, in each of a dozen layers.
    torch.testing.assert_close(after, before, rtol=0, atol=2e-6 * float(before.abs().max()))


def test_copies_learn_different_things():
    wide = widened(learnt(4), 8, seed=0).train()
    wide(torch.randn(2, 7, 16, 16)).square().mean().backward()
    gradient = wide.down[0][0].weight.grad
    assert not torch.allclose(gradient[:4], gradient[4:], rtol=0.05)


def test_width_that_is_no_multiple_is_refused():
    with pytest.raises(ValueError, match="width 6 must be a multiple of 4"):
        widened(learnt(4), 6, seed=0)
