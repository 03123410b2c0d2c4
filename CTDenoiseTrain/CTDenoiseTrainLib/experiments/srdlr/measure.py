"""All figures of the five images, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .accuracy import (
    Likeness,
    SystematicError,
    lesion_contrasts,
    likeness,
    lumen_errors,
    rod_bias,
    systematic_error,
)
from .fine_structure import bar_modulation, strut_amplitude
from .images import UnseenPhantom
from .noise import middle_spectrum, noise_at_edge
from .settings import Settings
from .sharpness import Transfer, VesselEdge, transfer, vessel_edge
from .unseen_phantoms import BARS, LESIONS, RODS, STENTS_ACROSS, VESSELS
from .unseen_phantoms import coronary as draw_coronary


@dataclass(frozen=True, kw_only=True)
class ImageFigures:
    """Figures of one image; keys are contrasts in HU, widths in mm and the like, as JSON wants them in words.

    Attributes:
        noise_hu: In the even middle of the rods.
        noise_frequency: Mean frequency of its power spectrum in mm⁻¹: lower means blotchier.
        noise_at_edge_hu: Along the edge of the rod of 400 HU.
        rods: Sharpness by contrast in HU.
        vessels: Profiles by width in mm.
        bars: Modulation in % by line pairs a mm.
        struts: Amplitude in HU by diameter of the stent in mm.
        lumens: Error of HU in stented lumens.
        bias: Of HU well inside the rods by contrast, 0 for the middle between them.
        lesions: Contrast in HU by true contrast and diameter.
        to_same: Likeness of coronary sections to the target of DLR without noise.
        to_sharp: To that of SR-DLR.
        systematic: Of coronary sections against the target of SR-DLR.
    """

    noise_hu: float
    noise_frequency: float
    noise_at_edge_hu: float
    rods: Mapping[str, Transfer]
    vessels: Mapping[str, VesselEdge]
    bars: Mapping[str, float]
    struts: Mapping[str, float]
    lumens: Mapping[str, float]
    bias: Mapping[str, float]
    lesions: Mapping[str, float]
    to_same: Likeness
    to_sharp: Likeness
    systematic: SystematicError

    def lesion_shares(self) -> dict[str, float]:
        """Contrast of each lesion over the true one."""
        truth = {lesion_name(*lesion): lesion[0] for lesion in LESIONS}
        return {name: contrast / truth[name] for name, contrast in self.lesions.items()}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> ImageFigures:
        """The way back from JSON."""
        parts = {
            "rods": {key: Transfer(**_numbers(value)) for key, value in content["rods"].items()},
            "vessels": {key: VesselEdge(**_numbers(value)) for key, value in content["vessels"].items()},
            "to_same": Likeness(**content["to_same"]),
            "to_sharp": Likeness(**content["to_sharp"]),
            "systematic": SystematicError(**content["systematic"]),
        }
        return cls(**{**content, **parts})


def lesion_name(contrast_hu: float, diameter_mm: float) -> str:
    """Key of a lesion."""
    return f"{contrast_hu:g} HU, {diameter_mm:g} mm"


def measured(phantoms: Mapping[str, UnseenPhantom], settings: Settings) -> dict[str, Any]:
    """Figures of all images by their names, ready for JSON; `ImageFigures.of` is the way back for each."""
    return {name: asdict(_of_image(name, phantoms, settings)) for name in phantoms["rods"].stacks}


def _of_image(name: str, phantoms: Mapping[str, UnseenPhantom], settings: Settings) -> ImageFigures:
    rods, coronary, low = (phantoms[phantom] for phantom in ("rods", "coronary", "low-contrasts"))
    stack, vessels = rods.stacks[name], coronary.stacks[name]
    section = vessels.mean(axis=0)
    spectrum = middle_spectrum(stack, settings)
    return ImageFigures(
        noise_hu=spectrum.noise,
        noise_frequency=spectrum.mean_frequency,
        noise_at_edge_hu=noise_at_edge(stack, settings),
        rods={f"{contrast:g}": transfer(stack, contrast, settings) for contrast in RODS},
        vessels={f"{width:g}": vessel_edge(section, width, settings) for width in VESSELS},
        bars={f"{frequency:g}": bar_modulation(section, frequency, settings) for frequency in BARS},
        struts={f"{stent.diameter_mm:g}": strut_amplitude(section, stent, settings) for stent in STENTS_ACROSS},
        lumens=lumen_errors(section, settings),
        bias={f"{at:g}": value for at, value in rod_bias(stack.mean(axis=0), rods.sharp, settings).items()},
        lesions={
            lesion_name(*lesion): contrast
            for lesion, contrast in lesion_contrasts(low.stacks[name].mean(axis=0), settings).items()
        },
        to_same=likeness(vessels, coronary.same, settings),
        to_sharp=likeness(vessels, coronary.sharp, settings),
        systematic=systematic_error(vessels, coronary.sharp, draw_coronary(settings), settings),
    )


def _numbers(content: Mapping[str, float | None]) -> dict[str, float]:
    """NaN again where JSON has null."""
    return {key: float("nan") if value is None else value for key, value in content.items()}
