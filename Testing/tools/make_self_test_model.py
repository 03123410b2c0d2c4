"""Makes the model of the self tests: python Testing/tools/make_self_test_model.py

Its weights are set by hand, so that what it does is known exactly: it takes for noise what a voxel differs from the
mean of the 27 voxels around and at it, weighted (1 2 1)/4 along each axis. Sections beyond the ends repeat the last
one; pixels beyond the borders count as 0 HU. All weights and, for whole HU, all values inside are exact in float32.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from CTDenoiseLib.models import MadeFor, ModelCard, Scaling, Training
from CTDenoiseLib.models.save import save_model
from CTDenoiseLib.networks import PlainCNN

FOLDER = Path(__file__).resolve().parents[2] / "CTDenoise" / "Resources" / "SelfTest"
NAME = "self-test"


def smoothing_network() -> PlainCNN:
    """The difference from the local mean, carried through the ReLUs as its positive and its negative part."""
    network = PlainCNN(context=1, filters=2, kernel_size=3)
    along_axis = torch.tensor([0.25, 0.5, 0.25])
    difference = -torch.einsum("z,y,x->zyx", along_axis, along_axis, along_axis)
    difference[1, 1, 1] += 1.0
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        first, *middle, last = (layer for layer in network.layers if isinstance(layer, torch.nn.Conv2d))
        first.weight[0], first.weight[1] = difference, -difference
        for layer in middle:
            layer.weight[:, :, 1, 1] = torch.eye(2)
        last.weight[0, :, 1, 1] = torch.tensor([1.0, -1.0])
    return network.eval()


def make(folder: Path) -> ModelCard:
    """Write card and weights; an older model there is replaced."""
    return save_model(
        folder,
        smoothing_network(),
        name=NAME,
        version="1.0",
        title="Fixed smoothing filter for self tests",
        description=(
            "No trained model: a fixed filter in the form of a network that averages each voxel with its neighbours. "
            "It blurs anatomy as much as noise. The self tests of CTDenoise use it because its result is known exactly."
        ),
        licence="Apache-2.0",
        scaling=Scaling(offset_hu=0.0, scale_hu=1024.0),
        hu_range=(-2048.0, 4095.0),
        made_for=MadeFor(
            modality="CT",
            kernels=(),
            pixel_spacing_mm=(0.01, 100.0),
            section_thickness_mm=(0.01, 100.0),
            noise_hu=(0.0, 1000.0),
        ),
        training=Training(
            data=(),
            recipe={"weights": "set by hand"},
            script="Testing/tools/make_self_test_model.py",
            duration_s=0.0,
            steps=0,
            hardware="none",
        ),
        limitations=("It is not for looking at patients' images.",),
        weights_dtype="float32",
        overwrite=True,
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(__doc__)
    make(FOLDER)
