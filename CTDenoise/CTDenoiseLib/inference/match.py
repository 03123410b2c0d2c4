"""Whether a volume is of the kind that a model was made for."""

from __future__ import annotations

from ..models.card import ModelCard, Range
from ..volume import Volume
from .errors import MismatchError


def check_match(card: ModelCard, volume: Volume) -> None:
    """Refuse a volume that says it is of another modality than the model is made for.

    One that says nothing, such as an NRRD file, is allowed.

    Raises:
        MismatchError: Not CT while the model is for CT.
    """
    modality = volume.acquisition.modality
    if modality is not None and modality.upper() != card.made_for.modality.upper():
        raise MismatchError(
            f"The volume is of modality {modality}, but the model “{card.name}” is made for {card.made_for.modality}; "
            f"choose a series of {card.made_for.modality} or another model."
        )


def match_notes(card: ModelCard, volume: Volume) -> tuple[str, ...]:
    """Sentences on what is unlike the images the model was made for, or not said by the volume; empty when all fits."""
    made_for, acquisition = card.made_for, volume.acquisition
    pixel = max(volume.geometry.spacing[1:], key=lambda side: _distance(side, made_for.pixel_spacing_mm))
    notes = (
        _modality_note(card, acquisition.modality),
        _kernel_note(made_for.kernels, acquisition.kernel),
        _range_note("pixel size", pixel, made_for.pixel_spacing_mm),
        _range_note("section thickness", acquisition.section_thickness, made_for.section_thickness_mm),
    )
    return tuple(note for note in notes if note)


def _modality_note(card: ModelCard, modality: str | None) -> str:
    return f"The source does not say that it is {card.made_for.modality}." if modality is None else ""


def _kernel_note(made_for: tuple[str, ...], kernel: tuple[str, ...]) -> str:
    if not made_for or {name.casefold() for name in kernel} & {name.casefold() for name in made_for}:
        return ""
    known = ", ".join(made_for)
    if not kernel:
        return f"The source does not name its kernel; the model was made for {known}."
    return f"The kernel {'/'.join(kernel)} is none that the model was made for ({known})."


def _range_note(what: str, value: float | None, made_for: Range) -> str:
    low, high = made_for
    if value is None:
        return f"The source does not say its {what}; the model was made for {low:g} to {high:g} mm."
    if _distance(value, made_for) == 0:
        return ""
    return f"The {what} of {value:g} mm is outside what the model was made for ({low:g} to {high:g} mm)."


def _distance(value: float, made_for: Range) -> float:
    """How far a value lies outside a range, as a factor; 0 inside, with 1 ‰ to spare for rounded headers."""
    low, high = made_for
    factor = max(low / value, value / high)
    return factor if factor > 1.001 else 0.0
