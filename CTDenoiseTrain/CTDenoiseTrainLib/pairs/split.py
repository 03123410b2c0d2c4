"""Which sections train and which are held out: by patient, never by neighbouring sections.

Adjacent sections show nearly the same anatomy, and a context window shares most of its sections with the next one. A
split by single sections would therefore validate on what was trained with. Only where there is a single patient, a
contiguous stretch of sections is held out, with a gap on both sides that no window crosses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import DataError
from ..recipe.content import DataOptions
from .pair_case import PairCase

_MOST_LOST_TO_GAPS = 1 / 3


@dataclass(frozen=True)
class CasePart:
    """Some sections of a case.

    Attributes:
        case: The case.
        sections: Indices along z, ascending; neighbours outside may appear in context windows.
    """

    case: PairCase
    sections: tuple[int, ...]


@dataclass(frozen=True)
class Split:
    """What trains and what is held out.

    Attributes:
        training: What patches are drawn from.
        validation: What figures are taken on.
        sentence: How the two were parted, for the user and the model card.
    """

    training: tuple[CasePart, ...]
    validation: tuple[CasePart, ...]
    sentence: str


def section_gap(data: DataOptions, *, context: int) -> int:
    """Sections that must lie between a section to train with and one to validate on, so that they share nothing.

    Both windows reach `context` sections towards each other; targets and noise maps reach further by the sections that
    they are averaged or subtracted over.
    """
    reach = data.target_sections - 1 if data.source == "noise-maps" else 0
    if data.source == "self-supervised" or (data.source == "noise-maps" and data.method == "adjacent-sections"):
        reach += data.sections_apart
    return 2 * context + reach


def split_cases(cases: Sequence[PairCase], *, share: float, seed: int, gap: int) -> Split:
    """Hold out about a share of the sections for validation.

    Of several patients, some are held out whole: at least one, at most all but one, and of those that fit the share
    chance decides. Of a single patient, the same stretch, counted in shares of the length, is held out of every case,
    since several series of a patient mostly show the same anatomy; cases of a single section train, unless there are
    no others, and some of them are held out.

    Args:
        cases: The cases, of one patient or several.
        share: Share of the sections to hold out, between 0 and 1; no less than one section is.
        seed: The same cases are split alike for the same seed.
        gap: See `section_gap`; of a single patient only. Where it would leave nothing to train with it is made
            smaller, and the sentence says so.

    Raises:
        DataError: There are not two sections.
    """
    total = sum(case.shape[0] for case in cases)
    if total < 2:
        raise DataError(
            f"Training needs one section to learn from and one to validate on at least, but there is {total or 'none'}."
        )
    rng = np.random.default_rng(seed)
    patients = sorted({case.patient for case in cases})
    if len(patients) > 1:
        return _by_patient(cases, patients, share, rng)
    if all(case.shape[0] == 1 for case in cases):
        return _by_single_sections(cases, share, rng)
    return _by_stretch(cases, share, gap, rng)


def take_share(parts: Sequence[CasePart], *, share: float, seed: int) -> tuple[CasePart, ...]:
    """Take a share of the sections for fine-tuning, spread evenly over each part, at least one of each.

    Zhang et al. (2024) retrain with a share of the images. Spread evenly, a share shows all the anatomy and all levels
    of noise there are, while neighbouring sections left out would have added little that is new.

    Args:
        parts: What there is to train with.
        share: Share of the sections of each part, above 0 to 1.
        seed: Where the even steps begin.
    """
    rng = np.random.default_rng(seed)
    taken = []
    for part in parts:
        count = max(1, round(share * len(part.sections)))
        steps = (np.arange(count) + rng.random()) * len(part.sections) / count
        taken.append(replace(part, sections=tuple(part.sections[int(step)] for step in steps)))
    return tuple(taken)


def _whole(case: PairCase) -> CasePart:
    return CasePart(case, tuple(range(case.shape[0])))


def _by_patient(cases: Sequence[PairCase], patients: Sequence[str], share: float, rng: np.random.Generator) -> Split:
    sections = {p: sum(case.shape[0] for case in cases if case.patient == p) for p in patients}
    wanted = round(share * sum(sections.values()))
    held_out: set[str] = set()
    shuffled = [patients[index] for index in rng.permutation(len(patients))]
    for patient in shuffled:
        if len(held_out) < len(patients) - 1 and sum(map(sections.__getitem__, held_out)) + sections[patient] <= wanted:
            held_out.add(patient)
    held_out = held_out or {min(shuffled, key=sections.__getitem__)}
    return Split(
        training=tuple(_whole(case) for case in cases if case.patient not in held_out),
        validation=tuple(_whole(case) for case in cases if case.patient in held_out),
        sentence=(
            f"{len(held_out)} of {len(patients)} patients ({sum(map(sections.__getitem__, held_out))} of "
            f"{sum(sections.values())} sections) are held out for validation: {', '.join(sorted(held_out))}."
        ),
    )


def _by_single_sections(cases: Sequence[PairCase], share: float, rng: np.random.Generator) -> Split:
    count = _held_out(len(cases), share)
    held_out = set(rng.permutation(len(cases))[:count].tolist())
    return Split(
        training=tuple(_whole(case) for index, case in enumerate(cases) if index not in held_out),
        validation=tuple(_whole(case) for index, case in enumerate(cases) if index in held_out),
        sentence=(
            f"All {len(cases)} sections are of one patient; {count} of them are held out for validation. The figures "
            "tell nothing about other patients."
        ),
    )


def _by_stretch(cases: Sequence[PairCase], share: float, gap: int, rng: np.random.Generator) -> Split:
    where = rng.random()
    training, validation, narrowest = [], [], gap
    for case in cases:
        sections = case.shape[0]
        if sections == 1:
            training.append(_whole(case))
            continue
        count = _held_out(sections, share)
        start, kept = _stretch(sections, count, gap, where)
        narrowest = min(narrowest, kept)
        validation.append(CasePart(case, tuple(range(start, start + count))))
        before, after = range(max(0, start - kept)), range(start + count + kept, sections)
        training.append(CasePart(case, (*before, *after)))
    sentence = (
        f"All images are of one patient: a stretch of {_sections(sum(len(part.sections) for part in validation))} is "
        f"held out for validation, with {_sections(narrowest)} between it and those to train with. The figures tell "
        "nothing about other patients."
    )
    if narrowest < gap:
        sentence += (
            f" To share nothing, {_sections(gap)} would have to lie between, for which there are too few: the figures "
            "look better than they are."
        )
    return Split(tuple(training), tuple(validation), sentence)


def _stretch(sections: int, count: int, gap: int, where: float) -> tuple[int, int]:
    """First section of the stretch to hold out, and how wide the gap beside it can be.

    An inner stretch is more like the rest than the ends are, shoulders above a chest. Its two gaps may cost a third of
    what is left to train with; a short series therefore gives its first or last sections.
    """
    if 2 * gap <= _MOST_LOST_TO_GAPS * (sections - count):
        return int(where * (sections - count + 1)), gap
    kept = min(gap, sections - count - 1)
    return (0 if where < 0.5 else sections - count), kept


def _held_out(count: int, share: float) -> int:
    return min(max(1, round(share * count)), count - 1)


def _sections(count: int) -> str:
    return "1 section" if count == 1 else f"{count} sections"
