"""How a derived series came about, and the words that say so in its header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .. import __version__

_LONGEST_DESCRIPTION = 64
# An ellipsis character is missing from most of DICOM's character sets.
_CUT = "..."


@dataclass(frozen=True)
class Derivation:
    """What was done to the source series, and with what.

    Attributes:
        model: Name of the model.
        model_version: Its version.
        weights_sha256: SHA256 of its weights, hexadecimal.
        strength: Share of the estimated noise that was subtracted, 0 to 1.
        context: Sections on each side of a section from which its noise was estimated.
        device: Name of the device that computed it.
        precision: Number format inside the network, such as "fp32".
        kind: "denoised" for the result, "residual" for what was subtracted (source minus result).
    """

    model: str
    model_version: str
    weights_sha256: str
    strength: float
    context: int
    device: str
    precision: str
    kind: Literal["denoised", "residual"]

    @property
    def percent(self) -> str:
        """Strength in percent, such as "100 %" or "72.5 %"."""
        return f"{100 * self.strength:.3g} %"

    def series_description(self, source: str) -> str:
        """Series Description of at most 64 characters.

        What is too long loses its end: first the source's description, then the model's name, and never the words
        "research use only".
        """
        what = self.percent if self.kind == "denoised" else "residual"
        model = _shortened(_plain(self.model), _LONGEST_DESCRIPTION - len(f"CTDenoise  {what}, research use only"))
        ours = f"CTDenoise {model} {what}, research use only"
        source = _shortened(" ".join(source.split()), _LONGEST_DESCRIPTION - len(f", {ours}"))
        return f"{source}, {ours}" if source else ours

    @property
    def description(self) -> str:
        """Derivation Description: what was done to the pixels, for a reader of the image."""
        estimate = (
            f"the noise that model {self.model} {self.model_version} estimates from each section and "
            f"up to {self.context} neighbours on each side"
        )
        done = (
            f"Denoised with strength {self.percent}: {estimate}, subtracted pixel by pixel."
            if self.kind == "denoised"
            else f"Residual, source minus result, of denoising with strength {self.percent}: {estimate}."
        )
        return _plain(f"{done} CTDenoise {__version__}, research use only, not for diagnosis.")

    @property
    def contribution(self) -> str:
        """Contribution Description: what it takes to compute the series once more."""
        return _plain(
            f"Model {self.model} {self.model_version}, weights SHA256 {self.weights_sha256}, strength {self.percent}, "
            f"{2 * self.context + 1} sections of context, device {self.device}, precision {self.precision}"
        )


def _shortened(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return text[: length - len(_CUT)].rstrip() + _CUT if length > len(_CUT) else ""


def _plain(text: str) -> str:
    """Text that every character set of DICOM holds and no value separator divides."""
    return text.encode("ascii", "replace").decode("ascii").replace("\\", "/")
