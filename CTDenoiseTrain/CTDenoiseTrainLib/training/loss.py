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
            `level_offset_hu` relative to the noise, where 1 means that nothing was learnt. Without features and
            weights.
    """

    objective: Tensor
    error: Tensor


@dataclass(frozen=True, kw_only=True)
class BiasWeight:
    """Lets the square of the bias count for more than the variance, where there is much noise.

    On twins, which show the same anatomy with two noises, the product of the errors is on average the square of the
    bias. Where the power of structure is S and that of noise N, the linear filter of least loss passes
    (1 + weight) · S / ((1 + weight) · S + N) in place of S / (S + N).

    Attributes:
        weight: Of the square of the bias in much noise, beside the squared error, in which it counts once.
        level_hu: Noise SD at which half of that weight counts: in less noise structure stands out by itself.
        steepness: Exponent of the noise SD by which the weight rises.
    """

    weight: float
    level_hu: float
    steepness: float = 2.0

    def squared_bias(self, errors: Tensor, batch: Batch) -> Tensor:
        """Weighted, of each pixel; by itself it may be less than zero, on average it is not.

        Args:
            errors: HU, shape (n, 1, y, x).
            batch: Of n pairs: twins, one after the other.
        """
        product = (errors[0::2] * errors[1::2]).repeat_interleave(2, dim=0)
        weight = self.weight / (1 + (self.level_hu / batch.noise_hu) ** self.steepness)
        return weight[:, None, None, None] * product


class TrainingLoss:
    """Mean squared error of the predicted noise.

    Plain, its objective is in the network's own unit, (HU / `scale_hu`)², so that the clipping of gradients and the
    weight of the features mean the same for all scales.

    It is the sum of the variance of the error over the noise, and of the square of its mean, the bias. The least sum
    makes fine structure weaker than it is where its contrast is little more than the noise. Two noises on the same
    anatomy tell the two apart, and `bias_weight` lets the bias count for more.
    """

    def __init__(
        self,
        *,
        scale_hu: float,
        level_offset_hu: float | None = None,
        bias_weight: BiasWeight | None = None,
        features: FeatureDistance | None = None,
        feature_weight: float = 0.0,
    ) -> None:
        """Choose the loss.

        Args:
            scale_hu: HU that make 1 in the network.
            level_offset_hu: See `TrainingOptions`.
            bias_weight: How much more the square of the bias counts than the variance; needs pairs that are twins.
                `None` for the same.
            features: Distance between the features of output and target.
            feature_weight: Of that distance beside the squared error.
        """
        self._scale_hu = scale_hu
        self._level_offset_hu = level_offset_hu
        self._bias_weight = bias_weight
        self._features = features
        self._feature_weight = feature_weight

    def __call__(self, predicted: Tensor, batch: Batch) -> LossOfBatch:
        """The loss of a batch.

        Args:
            predicted: Output of the network, shape (n, 1, y, x).
            batch: What it should have been, on the same device.
        """
        noise = predicted.float() * self._scale_hu
        errors = noise - batch.noise
        squares = errors.square()
        weighted = squares if self._bias_weight is None else squares + self._bias_weight.squared_bias(errors, batch)
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


def _centre(batch: Batch) -> Tensor:
    context = batch.sections.shape[1] // 2
    return batch.sections[:, context : context + 1]
