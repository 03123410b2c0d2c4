"""What training makes small: the squared error of the noise, with features on top if asked for."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import avg_pool2d

from ..pairs.batch import Batch
from .feature_loss import FeatureDistance

# Rows and columns that structure is compared with: wider than a vessel, narrower than an organ.
_SURROUNDINGS = 15


@dataclass(frozen=True)
class LossOfBatch:
    """Both are means over the batch, scalars on the device.

    Attributes:
        objective: What training makes small.
        error: What is told, comparable with the loss of validation: mean squared error in HU², or with
            `level_offset_hu` relative to the noise, where 1 means that nothing was learnt. Without features and
            weights.
    """

    objective: Tensor
    error: Tensor


class TrainingLoss:
    """Mean squared error of the predicted noise.

    Plain, its objective is in the network's own unit, (HU / `scale_hu`)², so that the clipping of gradients and the
    weight of the features mean the same for all scales.

    The mean squared error by itself makes fine structure of little more contrast than the noise weaker than it is,
    since that errs least where most of an image has no such structure. With `structure_weight` it counts for more.
    """

    def __init__(
        self,
        *,
        scale_hu: float,
        level_offset_hu: float | None = None,
        structure_weight: float = 0.0,
        features: FeatureDistance | None = None,
        feature_weight: float = 0.0,
    ) -> None:
        """Choose the loss.

        Args:
            scale_hu: HU that make 1 in the network.
            level_offset_hu: See `TrainingOptions`.
            structure_weight: See `TrainingOptions`.
            features: Distance between the features of output and target.
            feature_weight: Of that distance beside the squared error.
        """
        self._scale_hu = scale_hu
        self._level_offset_hu = level_offset_hu
        self._structure_weight = structure_weight
        self._features = features
        self._feature_weight = feature_weight

    def __call__(self, predicted: Tensor, batch: Batch) -> LossOfBatch:
        """The loss of a batch.

        Args:
            predicted: Output of the network, shape (n, 1, y, x).
            batch: What it should have been, on the same device.
        """
        noise = predicted.float() * self._scale_hu
        squares = (noise - batch.noise).square()
        weighted = squares * self._weights(batch) if self._structure_weight else squares
        if self._level_offset_hu is None:
            error, objective = squares.mean(), weighted.mean() / self._scale_hu**2
        else:
            level = batch.noise_hu.square() + self._level_offset_hu**2
            level = level[:, None, None, None]
            error, objective = (squares / level).mean(), (weighted / level).mean()
        if self._features is not None:
            section = _centre(batch)
            distance = self._features(section - noise, section - batch.noise)
            objective = objective + self._feature_weight * distance
        return LossOfBatch(objective=objective, error=error.detach())

    def _weights(self, batch: Batch) -> Tensor:
        """Of each pixel: 1 in flat tissue, up to 1 + `structure_weight` where structure stands out from the noise."""
        clean = _centre(batch) - batch.noise
        surroundings = avg_pool2d(clean, _SURROUNDINGS, stride=1, padding=_SURROUNDINGS // 2, count_include_pad=False)
        share = (clean - surroundings).abs() / batch.noise_hu[:, None, None, None].clamp(min=1.0)
        return 1 + self._structure_weight * share.clamp(max=1.0)


def _centre(batch: Batch) -> Tensor:
    context = batch.sections.shape[1] // 2
    return batch.sections[:, context : context + 1]
