"""What images a network was trained on, for its model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from CTDenoiseLib.models import MadeFor

from ..pairs.split import CasePart, Split
from ..validation.spread import spread

MOST_SECTIONS_LOOKED_AT = 32
NOISE_DEVIATIONS = 4.0
"""Noise in training goes so many standard deviations beyond the sections looked at."""

Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """What is known of the images.

    Attributes:
        made_for: Modality, kernels, sizes and noise, as the source of the pairs found them.
        hu_range: Lowest and highest HU that the network saw, in the images and with the noise added to them.
        patients: How many patients or phantoms there are in all, held-out ones included.
        training_sections: Sections that gave patches.
        validation_sections: Sections held out.
        split: How they were parted, in a sentence.
        warnings: What the source of the pairs had to say against itself, a sentence each.
    """

    made_for: MadeFor
    hu_range: Range
    patients: int
    training_sections: int
    validation_sections: int
    split: str
    warnings: tuple[str, ...] = ()

    def to_content(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> DataFacts:
        """What `to_content` gave, after its way through JSON."""
        made_for = {name: _as_tuple(value) for name, value in content["made_for"].items()}
        fields = {name: _as_tuple(value) for name, value in content.items()}
        return cls(**fields | {"made_for": MadeFor(**made_for)})


def measure_data(
    training: Sequence[CasePart], split: Split, made_for: MadeFor, *, context: int, warnings: Sequence[str] = ()
) -> DataFacts:
    """Gather what is known, and look at some training sections for the HU in them.

    Args:
        training: What gives patches: the training part of the split, or a share of it.
        split: What is held out, and why.
        made_for: From the source of the pairs.
        context: Adjacent sections on each side that the network sees.
        warnings: See `DataFacts`.
    """
    sections = [(part.case, section) for part in training for section in part.sections]
    looked_at = [sections[place] for place in spread(len(sections), most=MOST_SECTIONS_LOOKED_AT)]
    images = [case.whole(section, context=context).sections for case, section in looked_at]
    noise = NOISE_DEVIATIONS * made_for.noise_hu[1]
    return DataFacts(
        made_for=made_for,
        hu_range=(
            round(float(min(image.min() for image in images)) - noise),
            round(float(max(image.max() for image in images)) + noise),
        ),
        patients=len({part.case.patient for part in (*split.training, *split.validation)}),
        training_sections=len(sections),
        validation_sections=sum(len(part.sections) for part in split.validation),
        split=split.sentence,
        warnings=tuple(warnings),
    )


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
