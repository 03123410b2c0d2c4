from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import nn

from CTDenoiseTrainLib.errors import RecipeError
from CTDenoiseTrainLib.recipe.content import FeatureLoss, TrainingOptions
from CTDenoiseTrainLib.training.feature_loss import FeatureDistance
from support.flat_pairs import FlatPairs


def layer(before: int, after: int) -> list[nn.Module]:
    return [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()]


@pytest.fixture(scope="module")
def vgg() -> nn.Sequential:
    """The first three blocks as torchvision lines them up, with random weights."""
    torch.manual_seed(0)
    return nn.Sequential(
        *(*layer(3, 64), *layer(64, 64), nn.MaxPool2d(2)),
        *(*layer(64, 128), *layer(128, 128), nn.MaxPool2d(2)),
        *(*layer(128, 256), *layer(256, 256), *layer(256, 256)),
    )


@pytest.fixture(scope="module")
def weights(vgg) -> dict[str, torch.Tensor]:
    """With the classifier that the full file also holds."""
    return {f"features.{key}": tensor for key, tensor in vgg.state_dict().items()} | {
        "classifier.0.bias": torch.zeros(4)
    }


@pytest.fixture(scope="module")
def weights_file(weights, tmp_path_factory) -> FeatureLoss:
    path = tmp_path_factory.mktemp("vgg") / "vgg16.safetensors"
    safetensors.torch.save_file(weights, path)
    return FeatureLoss(weight=0.1, weights_file=str(path), sha256=hashlib.sha256(path.read_bytes()).hexdigest())


@torch.no_grad()
def test_distance_is_that_of_the_layers_of_torchvision(vgg, weights_file, rng):
    output, target = (torch.from_numpy(rng.normal(40, 50, (2, 1, 16, 16))).float() for _ in range(2))
    means, sds = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    features = [((image + 160) / 400 - means[:, None, None]) / sds[:, None, None] for image in (output, target)]
    distances = []
    for index, module in enumerate(vgg):
        features = [module(image) for image in features]
        if index in (3, 8, 15):
            distances.append(float((features[0] - features[1]).square().mean()))
    found = float(FeatureDistance.read(weights_file)(output, target))
    assert found == pytest.approx(sum(distances) / 3, rel=1e-4)


def test_equal_images_have_no_distance_and_it_grows_with_noise(weights):
    distance = FeatureDistance(weights)
    image, noise = torch.full((1, 1, 16, 16), 40.0), torch.randn(1, 1, 16, 16)
    distances = [float(distance(image + level * noise, image)) for level in (0, 5, 20, 80)]
    assert distances[0] == 0
    assert distances == sorted(distances)


def test_gradient_reaches_the_output_and_not_the_weights(weights):
    distance = FeatureDistance(weights)
    output = torch.full((1, 1, 16, 16), 60.0, requires_grad=True)
    distance(output, torch.full((1, 1, 16, 16), 40.0)).backward()
    assert float(output.grad.abs().sum()) > 0
    assert all(parameter.grad is None for parameter in distance.parameters())


def test_missing_file_is_named(tmp_path):
    options = FeatureLoss(weight=0.1, weights_file=str(tmp_path / "vgg16.safetensors"), sha256="0" * 64)
    with pytest.raises(RecipeError, match=r"vgg16\.safetensors.*cannot be read.*put the file there"):
        FeatureDistance.read(options)


def test_other_file_than_the_recipe_says_is_refused(weights_file):
    options = FeatureLoss(weight=0.1, weights_file=weights_file.weights_file, sha256="0" * 64)
    with pytest.raises(RecipeError, match=r"SHA256 begins with .*recipe says 000000000000"):
        FeatureDistance.read(options)


@pytest.mark.parametrize(
    "content",
    [
        b"no safetensors",
        safetensors.torch.save({"features.0.weight": torch.zeros(64, 3, 3, 3)}),
        safetensors.torch.save({"features.0.weight": torch.zeros(64, 1, 3, 3)}),
    ],
    ids=["another format", "weights missing", "another shape"],
)
def test_file_without_vgg16_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    options = FeatureLoss(weight=0.1, weights_file=str(path), sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(RecipeError, match="does not hold the weights of VGG16"):
        FeatureDistance.read(options)


def test_trainer_asks_for_the_weights_only_if_the_loss_has_weight(weights_file):
    from CTDenoiseLib.inference import Backend
    from CTDenoiseTrainLib.training.trainer import Trainer
    from support.tiny_model import tiny_network
    from support.training_watcher import Watcher

    def train(feature_loss: FeatureLoss) -> float:
        options = TrainingOptions(epochs=1, batch=2, averaging=0, feature_loss=feature_loss)
        trainer = Trainer(
            tiny_network(),
            FlatPairs(),
            options,
            steps_per_epoch=2,
            scale_hu=100,
            backend=Backend("cpu", "fp32"),
            observer=Watcher(),
        )
        return float(trainer.run().network.noise.weight.sum())

    absent = FeatureLoss(weight=0.0, weights_file="nowhere")
    assert train(absent) != train(weights_file)
    with pytest.raises(RecipeError):
        train(FeatureLoss(weight=0.1, weights_file="nowhere", sha256="0" * 64))
