"""Judge how well a model fits an image, by the images it was made for.

What follows from a mismatch depends on its side. Where anatomy is drawn with fewer pixels than in training (larger
pixels: a larger field of view), or finer (a sharper kernel, thinner sections), its detail is as fine as the noise that
the network learnt to take away, and goes with it: resolution is lost. In the reverse case the noise is coarser than any
the network knows, and more of it stays.

Zhang et al. (Quant Imaging Med Surg 2024;14:640, doi 10.21037/qims-23-768) trained one U-Net at each of six pixel sizes
and applied all of them to images of the smallest and the largest. Images of larger pixels lost sharpness, the more so
the smaller the pixels in training. Images of smaller pixels were denoised, but false texture appeared along the edges
of the body, again growing with the discrepancy. Hence what is said about pixel size.

A network made for more noise than there is smooths details away, and one made for less leaves noise behind (Zhang, Zuo
and Zhang, FFDNet, IEEE Trans Image Process 2018;27:4608). What is not known cannot be said to fit, so it is amber.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .facts import ImageFacts
from .kernel_sharpness import ABOUT_AS_SHARP, kernel_sharpness, same_kernel
from .verdict import Aspect, MatchLevel, MatchVerdict, Reason

if TYPE_CHECKING:
    from ..models.card import ModelCard, Range

# Spare for rounded headers: values nearer than 1 ‰ to a range count as inside.
_ROUNDING = 1.001


class _Mismatch(NamedTuple):
    """What it means not to fit in one direction."""

    level: MatchLevel
    consequence: str


@dataclass(frozen=True, kw_only=True)
class _RangeRule:
    """How to judge a figure by the range that a model was made for."""

    what: Aspect
    unit: str
    below: _Mismatch
    above: _Mismatch

    def judge(self, value: float, made_for: Range) -> Reason:
        low, high = made_for
        figure = f"The {self.what} of {value:.3g} {self.unit} is"
        wanted = f"what the model was made for ({self.shown(made_for)})"
        if value * _ROUNDING < low:
            return Reason(self.below.level, self.what, f"{figure} below {wanted}: {self.below.consequence}.")
        if value > high * _ROUNDING:
            return Reason(self.above.level, self.what, f"{figure} above {wanted}: {self.above.consequence}.")
        return Reason(MatchLevel.GREEN, self.what, f"{figure} within {wanted}.")

    def unknown(self, why: str, made_for: Range) -> Reason:
        return Reason(MatchLevel.AMBER, self.what, f"{why}; the model was made for {self.shown(made_for)}.")

    def shown(self, made_for: Range) -> str:
        low, high = made_for
        return f"{low:g} to {high:g} {self.unit}"


_RESOLUTION_LOSS = "expect loss of resolution"
_WEAK = "expect weaker denoising"

_PIXEL_SIZE = _RangeRule(
    what="pixel size",
    unit="mm",
    below=_Mismatch(MatchLevel.AMBER, f"{_WEAK}, and false texture along edges"),
    above=_Mismatch(MatchLevel.RED, f"the field of view is too large for the model, {_RESOLUTION_LOSS}"),
)
_SECTION_THICKNESS = _RangeRule(
    what="section thickness",
    unit="mm",
    below=_Mismatch(MatchLevel.RED, _RESOLUTION_LOSS),
    above=_Mismatch(MatchLevel.AMBER, _WEAK),
)
_NOISE = _RangeRule(
    what="noise",
    unit="HU",
    below=_Mismatch(MatchLevel.AMBER, "fine detail of little contrast may be taken for noise"),
    above=_Mismatch(MatchLevel.AMBER, f"{_WEAK}, and blotches of noise that look like structure"),
)


def judge_match(card: ModelCard, facts: ImageFacts) -> MatchVerdict:
    """Judge a model by what is known of an image.

    Args:
        card: The model's card.
        facts: Of the image to denoise.

    Returns:
        One reason each on modality, kernel, pixel size, section thickness and noise, in this order.
    """
    made_for = card.made_for
    return MatchVerdict(
        (
            judge_modality(card, facts.modality),
            _kernel(made_for.kernels, facts.kernel),
            _pixel_size(made_for.pixel_spacing_mm, facts.pixel_spacing),
            _section_thickness(made_for.section_thickness_mm, facts),
            _noise(made_for.noise_hu, facts.noise_hu),
        )
    )


def judge_modality(card: ModelCard, modality: str | None) -> Reason:
    """Judge by the modality alone: red for another one than the model is made for, amber where it is not known."""
    wanted = card.made_for.modality
    if modality is None:
        return Reason(MatchLevel.AMBER, "modality", f"The source does not say that it is {wanted}.")
    if modality.upper() == wanted.upper():
        return Reason(MatchLevel.GREEN, "modality", f"The modality is {wanted}.")
    return Reason(
        MatchLevel.RED,
        "modality",
        f"The volume is of modality {modality}, but the model “{card.name}” is made for {wanted}; "
        f"choose a series of {wanted} or another model.",
    )


def _kernel(made_for: tuple[str, ...], kernel: tuple[str, ...]) -> Reason:
    if not made_for:
        return Reason(MatchLevel.GREEN, "kernel", "The model is not bound to any kernel.")
    wanted = ", ".join(made_for)
    if not kernel:
        said = f"The source does not name its kernel; the model was made for {wanted}."
        return Reason(MatchLevel.AMBER, "kernel", said)
    name = "/".join(kernel)
    if any(same_kernel(own, known) for own in kernel for known in made_for):
        return Reason(MatchLevel.GREEN, "kernel", f"The kernel {name} is one that the model was made for.")
    level, consequence = _other_kernel(made_for, kernel)
    said = f"The kernel {name} is none that the model was made for ({wanted}), {consequence}."
    return Reason(level, "kernel", said)


def _other_kernel(made_for: tuple[str, ...], kernel: tuple[str, ...]) -> _Mismatch:
    sharpness = kernel_sharpness(kernel)
    known = [place for name in made_for if (place := kernel_sharpness((name,))) is not None]
    if sharpness is None or not known:
        return _Mismatch(MatchLevel.AMBER, "and which of them is sharper is not known")
    if sharpness > max(known) + ABOUT_AS_SHARP:
        return _Mismatch(MatchLevel.RED, f"but sharper: {_RESOLUTION_LOSS}")
    if sharpness < min(known) - ABOUT_AS_SHARP:
        return _Mismatch(MatchLevel.AMBER, f"but smoother: {_WEAK}")
    return _Mismatch(MatchLevel.AMBER, f"though not sharper: {_WEAK} where its noise has another texture")


def _pixel_size(made_for: Range, spacing: tuple[float, float]) -> Reason:
    # Of pixels that are no squares, the side that loses resolution counts before the one that gains false texture.
    sides = (_PIXEL_SIZE.judge(side, made_for) for side in (max(spacing), min(spacing)))
    return MatchVerdict(tuple(sides)).worst


def _section_thickness(made_for: Range, facts: ImageFacts) -> Reason:
    if facts.section_thickness is None:
        said = "The source does not say its section thickness"
        return _SECTION_THICKNESS.unknown(f"{said}, only that sections lie {facts.increment:.3g} mm apart", made_for)
    return _SECTION_THICKNESS.judge(facts.section_thickness, made_for)


def _noise(made_for: Range, noise_hu: float | None) -> Reason:
    if noise_hu is None:
        return _NOISE.unknown("No uniform region was found, so the noise is not known", made_for)
    return _NOISE.judge(noise_hu, made_for)
