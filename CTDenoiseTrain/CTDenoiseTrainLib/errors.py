"""What can go wrong in training, each in a sentence for the user."""

from __future__ import annotations

from CTDenoiseLib.errors import CTDenoiseError


class TrainingError(CTDenoiseError):
    """Base of all errors of training."""


class RecipeError(TrainingError):
    """A recipe cannot be read or asks for something that is not possible."""


class DataError(TrainingError):
    """The images cannot be trained with: too few, not of one exam, constant, or with anatomy where noise should be."""


class LossError(TrainingError):
    """The loss is no number any more."""


class CheckpointError(TrainingError):
    """A checkpoint is damaged, or cannot be written or found."""
