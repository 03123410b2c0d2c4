"""What is compared: every method takes noise from the middle one of adjacent sections."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar, Protocol
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality_noise import Noise
from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.models import Model
from CTDenoiseLib.volume import Volume

Picture = NDArray[np.float32]

STRENGTHS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0)
"""Of non-local means: its `h` over the standard deviation of the noise. Its authors of scikit-image advise 0.6."""
_PATCH, _REACH = 5, 6


class Method(Protocol):
    """A way to denoise."""

    @property
    def name(self) -> str:
        """Of the row in tables."""

    @property
    def key(self) -> str:
        """Another one for whatever may change the output, fit for the name of a file."""

    @property
    def words(self) -> str:
        """What a reader must know of it, a sentence."""

    @property
    def context(self) -> int:
        """Adjacent sections on each side that it looks at."""

    def denoise(self, window: Picture, noise: Noise) -> Picture:
        """Output for the middle section.

        Args:
            window: HU, shape (2 · context + 1, y, x).
            noise: Of the middle section; networks do not look at it.

        Returns:
            HU, shape (y, x).
        """


class Unchanged:
    """The input as it is."""

    name, key, words, context = "input", "input", "The noisy image itself.", 0

    def denoise(self, window: Picture, noise: Noise) -> Picture:
        """The middle section."""
        return np.asarray(window[0])


class OfStore:
    """A model of the store.

    Args:
        model: Card and network.
        backend: Device and precision.
    """

    def __init__(self, model: Model, backend: Backend) -> None:
        card = model.card
        self.name = card.name
        self.key = f"{card.name}-{card.weights.sha256[:12]}-{backend.precision}"
        sees = "one section" if card.context == 0 else f"{2 * card.context + 1} adjacent sections"
        self.words = (
            f"{card.title}, version {card.version}, SHA256 of the weights {card.weights.sha256[:16]}…; sees {sees}; "
            f"{backend.precision}."
        )
        self.context = card.context
        self._denoiser = Denoiser(model, backend)

    def denoise(self, window: Picture, noise: Noise) -> Picture:
        """As `ctdenoise run` does it."""
        return next(self._denoiser.sections(Volume(window), order=[self.context])).output


@dataclass(frozen=True)
class NonLocalMeans:
    """Non-local means of scikit-image in one section.

    Attributes:
        strength: `h` in standard deviations of the noise.
        chosen_for: What that strength is best for.
    """

    strength: float
    chosen_for: str = ""
    name: ClassVar[str] = "non-local means"
    context: ClassVar[int] = 0

    @property
    def key(self) -> str:
        """See `Method`."""
        return f"non-local-means-{self.strength:g}"

    @property
    def words(self) -> str:
        """See `Method`."""
        return (
            f"`denoise_nl_means` of scikit-image, fast mode, patches of {_PATCH}², distance {_REACH}, sigma as "
            f"measured, h = {self.strength:g} · sigma: of {', '.join(f'{each:g}' for each in STRENGTHS)} what comes "
            f"nearest to {self.chosen_for}."
        )

    def denoise(self, window: Picture, noise: Noise) -> Picture:
        """See `Method`."""
        from skimage.restoration import denoise_nl_means

        return np.asarray(
            denoise_nl_means(
                window[0],
                patch_size=_PATCH,
                patch_distance=_REACH,
                h=self.strength * noise.deviation,
                sigma=noise.deviation,
                fast_mode=True,
                preserve_range=True,
            ),
            dtype=np.float32,
        )


class BlockMatching:
    """BM3D for correlated noise (Mäkinen, Azzari and Foi 2020) in one section, told the spectrum of the noise."""

    name, key, context = "BM3D", "bm3d", 0
    words = (
        "`bm3d` 4 in its normal profile, told the noise power spectrum that was measured in the image, averaged over "
        "directions."
    )

    @staticmethod
    def is_there() -> bool:
        """Whether its packages are installed."""
        return find_spec("bm3d") is not None and find_spec("bm4d") is not None

    def denoise(self, window: Picture, noise: Noise) -> Picture:
        """See `Method`."""
        # NumPy 2.4 has dropped the old name of this function, by which bm4d 4.2.5 calls it.
        trapezoid = vars(np).get("trapezoid") or vars(np)["trapz"]
        with mock.patch.object(np, "trapz", trapezoid, create=True):
            import bm3d  # type: ignore[import-not-found, unused-ignore]

            output = bm3d.bm3d(window[0].astype(np.float64), noise.power_of_image(window.shape[1:]))
        return np.asarray(output, dtype=np.float32)
