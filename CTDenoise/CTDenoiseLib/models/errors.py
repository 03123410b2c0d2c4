"""What can be wrong with a model, its card or its place in the store."""

from __future__ import annotations

from ..errors import CTDenoiseError


class ModelError(CTDenoiseError):
    """Base of the errors of models."""


class UnknownModelError(ModelError):
    """The store holds no model of that name."""


class DamagedModelError(ModelError):
    """A card or a weights file that is missing, unreadable, altered, or at odds with the other."""


class ModelExistsError(ModelError):
    """The name is taken."""


class BundledModelError(ModelError):
    """A model that came with CTDenoise can be neither replaced nor removed."""
