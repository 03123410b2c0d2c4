"""What training makes small: the squared error of the noise, with features on top if asked for."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..pairs.batch import Batch
from .feature_loss import FeatureDistance


@dataclass(frozen=True)
class LossOfBatch:
    """Both are means over the batch, scalars on the device.

    Attributes:
        objective: What training makes small.
        error: What is told, comparable with the loss of validation: mean squared error in HU², or with
            `level_offset_hu` relative to the noise, where 1 means that nothing was learnt. Without features.
    """

    objective: Tensor
    error: Tensor


class TrainingLoss:
    """Mean squared error of the predicted noise.

    Plain, its objective is in the network's own unit, (HU / `scale_hu`)², so that the clipping of gradients and the
    weight of the features mean the same for all scales.
    """

    def __init__(
        self,
        *,
        scale_hu: float,
        level_offset_hu: float | None = None,
        features: FeatureDistance | None = None,
        feature_weight: float = 0.0,
    ) -> None:
        """Choose the loss.

        Args:
            scale_hu: HU that make 1 in the network.
            level_offset_hu: See `TrainingOptions`.
            features: Distance between the features of output and target.
            feature_weight: Of that distance beside the squared error.
        """
        self._scale_hu = scale_hu
        self._level_offset_hu = level_offset_hu
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
        if self._level_offset_hu is None:
            error = squares.mean()
            objective = error / self._scale_hu**2
        else:
            level = batch.noise_hu.square() + self._level_offset_hu**2
            objective = error = (squares / level[:, None, None, None]).mean()
        if self._features is not None:
            context = batch.sections.shape[1] // 2
            section = batch.sections[:, context : context + 1]
            distance = self._features(section - noise, section - batch.noise)
            objective = objective + self._feature_weight * distance
        return LossOfBatch(objective=objective, error=error.detach())
