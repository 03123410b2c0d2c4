"""Arterial spin labelling from a few pairs, after Kim et al. (Radiology 2018;287:658)."""

from .experiment import ArterialSpinLabelling

EXPERIMENT = ArterialSpinLabelling()
