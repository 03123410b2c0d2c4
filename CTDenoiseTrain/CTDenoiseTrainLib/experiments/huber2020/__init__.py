"""A five-layer network with and without a feature loss, after Huber et al. (Radiol Artif Intell 2020;2:e200036)."""

from .experiment import FeatureLossComparison

EXPERIMENT = FeatureLossComparison()
