"""What the rules of `matching` say of a volume: whether to refuse it, and what is unlike the images for training."""

from __future__ import annotations

from typing import Protocol

from ..matching import ImageFacts, MatchLevel, judge_match, judge_modality
from ..models.card import ModelCard
from ..volume import Acquisition, Geometry
from .errors import MismatchError


class Acquired(Protocol):
    """Anything that says how it came about, such as a volume."""

    @property
    def acquisition(self) -> Acquisition:
        """What the source says about scan and reconstruction."""


class Placed(Acquired, Protocol):
    """It also says where its voxels lie."""

    @property
    def geometry(self) -> Geometry:
        """Of the voxels."""


def check_match(card: ModelCard, volume: Acquired) -> None:
    """Refuse a volume that says it is of another modality than the model is made for.

    One that says nothing, such as an NRRD file, is allowed.

    Raises:
        MismatchError: Not CT while the model is for CT.
    """
    reason = judge_modality(card, volume.acquisition.modality)
    if reason.level is MatchLevel.RED:
        raise MismatchError(reason.sentence)


def match_notes(card: ModelCard, volume: Placed, *, noise_hu: float | None) -> tuple[str, ...]:
    """Sentences on what is unlike the images the model was made for, or not known, the worst first.

    Args:
        card: Of the model.
        volume: To denoise.
        noise_hu: Standard deviation in a uniform region of it, in HU; `None` if there is none.

    Returns:
        Nothing when all fits.
    """
    increment, *pixel_spacing = volume.geometry.spacing
    facts = ImageFacts(
        modality=volume.acquisition.modality,
        kernel=volume.acquisition.kernel,
        pixel_spacing=(pixel_spacing[0], pixel_spacing[1]),
        section_thickness=volume.acquisition.section_thickness,
        increment=increment,
        noise_hu=noise_hu,
    )
    return tuple(reason.sentence for reason in judge_match(card, facts).objections)
