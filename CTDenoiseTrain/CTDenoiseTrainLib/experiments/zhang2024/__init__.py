"""Zhang et al. (2024): does a U-Net trained at one resolution denoise low-dose CT of another?"""

from __future__ import annotations

from .experiment import Zhang2024

EXPERIMENT = Zhang2024()
