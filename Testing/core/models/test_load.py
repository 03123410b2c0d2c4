import json

import pytest
import torch

from CTDenoiseLib.models import DamagedModelError
from support.tiny_model import tiny_network

KEY = "down.0.0.weight"


def refusal(store):
    with pytest.raises(DamagedModelError) as refused:
        store.load("tiny")
    return str(refused.value)


def test_a_loaded_network_gives_what_the_saved_one_gave(store):
    model = store.load("tiny")
    sections = torch.randn(2, 3, 16, 24, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        assert torch.equal(model.network(sections), tiny_network()(sections))


def test_a_loaded_network_is_float32_in_evaluation_on_the_cpu(store):
    network = store.load("tiny").network
    assert not any(module.training for module in network.modules())
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    assert {tensor.device.type for tensor in network.state_dict().values()} == {"cpu"}


def test_the_card_comes_with_the_network(store):
    assert store.load("tiny").card == store.card("tiny")


def test_altered_weights_are_refused_by_their_sha256(store):
    weights = store.bundled_folder / "tiny.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert f"“{weights}” are damaged or were replaced: their SHA256" in refusal(store)


def test_missing_weights_are_named(store):
    weights = store.bundled_folder / "tiny.safetensors"
    weights.unlink()
    assert refusal(store) == f"The weights “{weights}” of the model “tiny” are missing."


def test_unreadable_weights_are_named(store):
    weights = store.bundled_folder / "tiny.safetensors"
    weights.unlink()
    weights.mkdir()
    assert f"The weights “{weights}” of the model “tiny” cannot be read" in refusal(store)


@pytest.mark.parametrize("kept", [0, 4, 100, -1], ids=["empty", "no-header", "half-a-header", "one-byte-short"])
def test_truncated_weights_are_refused_even_with_the_right_sha256(forge, kept):
    assert "is no complete safetensors file" in refusal(forge(weights=lambda content: content[:kept]))


def test_numbers_of_a_type_torch_does_not_know_are_refused(forge):
    def with_unknown_type(content):
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        start, end = header[KEY]["data_offsets"]
        header[KEY] |= {"dtype": "F8_E8M0", "shape": [end - start]}
        text = json.dumps(header).encode()
        return len(text).to_bytes(8, "little") + text + content[8 + length :]

    assert "holds numbers of the unknown type 'F8_E8M0'" in refusal(forge(weights=with_unknown_type))


def test_a_missing_tensor_is_named(forge):
    message = refusal(forge(tensors=lambda state: state.pop(KEY)))
    assert "“tiny” and its weights “tiny.safetensors” do not fit" in message
    assert f"lacks the tensor “{KEY}”." in message


def test_several_missing_tensors_are_counted(forge):
    def remove_three(state):
        for key in [KEY, "down.0.1.bias", "down.0.1.weight"]:
            del state[key]

    assert "lacks the tensor “down.0.0.weight” and 2 more" in refusal(forge(tensors=remove_three))


def test_an_extra_tensor_is_named(forge):
    message = refusal(forge(tensors=lambda state: state.update(surprise=torch.zeros(1))))
    assert "has the tensor “surprise” that the network does not know" in message


def test_a_tensor_of_the_wrong_shape_is_named(forge):
    message = refusal(forge(tensors=lambda state: state.update({KEY: torch.zeros(4, 3, 5, 5)})))
    assert f"“{KEY}” has the shape (4, 3, 5, 5) instead of (4, 3, 3, 3)" in message


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64, torch.int32])
def test_a_tensor_of_another_type_than_the_card_says_is_named(forge, dtype):
    message = refusal(forge(tensors=lambda state: state.update({KEY: state[KEY].to(dtype)})))
    assert f"“{KEY}” is {str(dtype)[6:]} instead of float32" in message


@pytest.mark.parametrize("place", [0, 50, -1])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_that_is_not_finite_is_refused(forge, value, place):
    message = refusal(forge(tensors=lambda state: state[KEY].view(-1)[place].fill_(value)))
    assert f"“{KEY}” has infinite or NaN values" in message


def test_a_context_that_is_not_the_network_s_is_refused(forge):
    message = refusal(forge(card=lambda card: card.update(context=3)))
    assert "the card says 3 sections of context, its network has 1" in message


def test_another_configuration_than_that_of_the_weights_is_refused(forge):
    message = refusal(forge(card=lambda card: card["network"]["configuration"].update(width=5)))
    assert "the card says 6109 parameters, its network has" in message


def test_another_configuration_with_the_right_count_fails_at_the_tensors(forge):
    def wider(card):
        card["network"]["configuration"]["width"] = 5
        card["weights"]["parameters"] = sum(parameter.numel() for parameter in tiny_network(width=5).parameters())

    assert "has the shape" in refusal(forge(card=wider))


@pytest.mark.parametrize(
    ("network", "complaint"),
    [
        ({"name": "resnet", "configuration": {}}, "There is no network “resnet”"),
        ({"name": "hrcnn", "configuration": {"depth": 3}}, "“hrcnn” does not take this configuration"),
        ({"name": "hrcnn", "configuration": {"levels": 1000}}, "“hrcnn” does not take this configuration"),
    ],
)
def test_a_network_we_do_not_have_is_refused(forge, network, complaint):
    message = refusal(forge(card=lambda card: card.update(network=network)))
    assert message.startswith("The model “tiny” asks for a network that cannot be built: ")
    assert complaint in message


def test_a_network_too_large_for_any_memory_is_refused_without_building_it(forge):
    huge = {"name": "hrcnn", "configuration": {"context": 1, "width": 1024, "levels": 10}}
    assert "parameters, its network has" in refusal(forge(card=lambda card: card.update(network=huge)))
