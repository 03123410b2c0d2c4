import hashlib
from dataclasses import replace

import pytest
import safetensors.torch
import torch

from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseLib.models import DamagedModelError, ModelCard, ModelStore, Scaling
from support.tiny_model import save_tiny_model, tiny_network


def test_a_model_is_a_card_and_its_weights(tmp_path):
    card = save_tiny_model(tmp_path, name="chest-1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chest-1.json", "chest-1.safetensors"]
    assert ModelCard.read(tmp_path / "chest-1.json") == card


def test_the_card_says_what_the_network_is(tmp_path):
    network = tiny_network(context=2, width=3)
    card = save_tiny_model(tmp_path, network=network)
    assert card.context == 2
    assert (card.network.name, card.network.configuration) == ("hrcnn", {"context": 2, "width": 3, "levels": 3})
    assert card.weights.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert card.weights.sha256 == hashlib.sha256((tmp_path / "tiny.safetensors").read_bytes()).hexdigest()


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_same_weights_give_the_same_bytes(tmp_path, dtype):
    network = tiny_network()
    again = tiny_network(seed=1)
    again.load_state_dict(network.state_dict())
    again.to(memory_format=torch.channels_last)
    first = save_tiny_model(tmp_path / "first", network=network, weights_dtype=dtype)
    second = save_tiny_model(tmp_path / "second", network=again, weights_dtype=dtype)
    assert first == second
    assert first.weights.sha256 != save_tiny_model(tmp_path / "third", network=tiny_network(seed=1)).weights.sha256


def test_float16_rounds_kernels_only_and_is_loaded_as_float32(tmp_path):
    network = tiny_network()
    save_tiny_model(tmp_path, network=network, weights_dtype="float16")
    on_disk = safetensors.torch.load_file(tmp_path / "tiny.safetensors")
    loaded = ModelStore(None, tmp_path).load("tiny").network.state_dict()
    for key, tensor in network.state_dict().items():
        kernel = tensor.ndim > 1
        assert on_disk[key].dtype == (torch.float16 if kernel else tensor.dtype)
        assert loaded[key].dtype == tensor.dtype
        assert torch.equal(loaded[key], tensor.half().float() if kernel else tensor)


def test_a_network_in_double_precision_is_saved_in_single(tmp_path):
    save_tiny_model(tmp_path, network=tiny_network().double())
    loaded = ModelStore(None, tmp_path).load("tiny").network.state_dict()
    assert all(torch.equal(loaded[key], tensor) for key, tensor in tiny_network().state_dict().items())


def test_float16_takes_less_space(tmp_path):
    sizes = {}
    for dtype in ("float16", "float32"):
        save_tiny_model(tmp_path / dtype, weights_dtype=dtype)
        sizes[dtype] = (tmp_path / dtype / "tiny.safetensors").stat().st_size
    assert sizes["float16"] < 0.7 * sizes["float32"]


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(float("nan"), "float32"), (float("inf"), "float32"), (1e6, "float16")],
    ids=["nan", "infinity", "beyond-float16"],
)
def test_weights_that_are_not_finite_on_disk_are_refused_and_nothing_is_written(tmp_path, value, dtype):
    network = tiny_network()
    with torch.no_grad():
        network.noise.weight[0, 0] = value
    with pytest.raises(DamagedModelError, match=r"“noise\.weight” has infinite or NaN values"):
        save_tiny_model(tmp_path, network=network, weights_dtype=dtype)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [{"name": "../escape"}, {"name": "Tiny"}, {"licence": ""}, {"scaling": Scaling(offset_hu=0.0, scale_hu=0.0)}],
    ids=lambda changes: next(iter(changes)),
)
def test_fields_that_make_no_valid_card_are_refused_and_nothing_is_written(tmp_path, changes):
    with pytest.raises(DamagedModelError, match="is not valid"):
        save_tiny_model(tmp_path / "models", **changes)
    assert list(tmp_path.iterdir()) == []


def test_nan_in_the_recipe_is_refused(tmp_path):
    training = replace(save_tiny_model(tmp_path / "good").training, recipe={"loss": float("nan")})
    with pytest.raises(DamagedModelError, match="NaN is not a finite number"):
        save_tiny_model(tmp_path / "bad", training=training)


def test_an_older_model_is_replaced_only_when_asked(tmp_path):
    old = save_tiny_model(tmp_path)
    with pytest.raises(OutputExistsError):
        save_tiny_model(tmp_path, network=tiny_network(seed=1))
    assert ModelCard.read(tmp_path / "tiny.json") == old
    new = save_tiny_model(tmp_path, network=tiny_network(seed=1), overwrite=True)
    assert new.weights.sha256 != old.weights.sha256
    ModelStore(None, tmp_path).verify("tiny")
