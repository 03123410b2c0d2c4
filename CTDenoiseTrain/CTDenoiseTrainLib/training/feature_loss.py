"""Distance of images in the features of VGG16, after Huber et al. (Radiol Artif Intell 2020;2:e200036).

The paper applies the first three blocks of VGG16 (Simonyan and Zisserman 2015, arXiv 1409.1556) to output and target
and compares the features by their mean squared error. It leaves open, and this module chooses: the features are those
at the end of each of the three blocks, before their pooling, and count alike; HU are mapped linearly so that the soft
tissue window of the paper's notebook, level 40 and width 400, becomes black to white, without clipping beyond, so that
bone and lung count, too; and the grey image goes into all three colours, normalised as VGG16 was trained.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from ..errors import RecipeError
from ..recipe.content import FeatureLoss

BLACK_HU, WHITE_HU = -160.0, 240.0
_COLOUR_MEANS, _COLOUR_SDS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Filters of the convolutions of each block.
_BLOCKS = ((64, 64), (128, 128), (256, 256, 256))


class FeatureDistance(nn.Module):
    """Mean squared difference of the features of two images, averaged over three blocks of VGG16."""

    means: Tensor
    sds: Tensor

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        """Build the blocks.

        Args:
            weights: Named as in torchvision, “features.0.weight” and so on; others are left aside.

        Raises:
            KeyError: A weight is missing.
            RuntimeError: One has another shape.
        """
        super().__init__()
        self.blocks = _blocks()
        names = self.state_dict().keys()
        self.load_state_dict({name: weights[_name_in_torchvision(name)].float() for name in names})
        self.register_buffer("means", torch.tensor(_COLOUR_MEANS).view(1, 3, 1, 1))
        self.register_buffer("sds", torch.tensor(_COLOUR_SDS).view(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    @classmethod
    def read(cls, options: FeatureLoss) -> FeatureDistance:
        """Read the weights.

        Raises:
            RecipeError: The file is missing, is another than the recipe says, or does not hold VGG16.
        """
        path = Path(options.weights_file)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise RecipeError(
                f"The feature loss needs the VGG16 weights “{path}”, which cannot be read ({error.strerror}); put the "
                "file there or set the weight of the feature loss to 0."
            ) from error
        found = hashlib.sha256(content).hexdigest()
        if found != options.sha256.lower():
            raise RecipeError(
                f"The VGG16 weights “{path}” are not those of the recipe: their SHA256 begins with {found[:12]}, the "
                f"recipe says {options.sha256[:12]}; get the right file or correct the recipe."
            )
        try:
            return cls(safetensors.torch.load(content))
        except (safetensors.SafetensorError, KeyError, RuntimeError) as error:
            raise RecipeError(
                f"“{path}” does not hold the weights of VGG16 as safetensors with the names of torchvision ({error})."
            ) from error

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """Distance of two stacks of images in HU, each of shape (n, 1, y, x) with at least 4 rows and columns."""
        ours, theirs = self._coloured(output), self._coloured(target)
        distance = torch.zeros((), device=output.device)
        for block in self.blocks:
            ours, theirs = block(ours), block(theirs)
            distance = distance + (ours - theirs).float().square().mean()
        return distance / len(self.blocks)

    def _coloured(self, images: Tensor) -> Tensor:
        grey = (images - BLACK_HU) / (WHITE_HU - BLACK_HU)
        return (grey - self.means) / self.sds


def _blocks() -> nn.ModuleList:
    blocks, channels = [], 3
    for number, filters in enumerate(_BLOCKS):
        layers: list[nn.Module] = [nn.MaxPool2d(2)] if number else []
        for before, after in pairwise((channels, *filters)):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()]
        blocks.append(nn.Sequential(*layers))
        channels = filters[-1]
    return nn.ModuleList(blocks)


def _name_in_torchvision(name: str) -> str:
    """From “blocks.1.1.weight” to “features.5.weight”: there the layers of all blocks are counted through."""
    _, block, layer, kind = name.split(".")
    before = sum(len(filters) * 2 for filters in _BLOCKS[: int(block)])
    # The pooling that begins a block here ends the block before there.
    poolings = max(0, int(block) - 1)
    return f"features.{before + poolings + int(layer)}.{kind}"
