"""The denoising networks, one file each, found by name."""

from __future__ import annotations

from .base import DenoisingNetwork, UnknownNetworkError, create, names
from .hrcnn import HRCNN
from .plain_cnn import PlainCNN
from .unet import UNet

__all__ = ["HRCNN", "DenoisingNetwork", "PlainCNN", "UNet", "UnknownNetworkError", "create", "names"]
