"""Validation on whole sections that training never sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.networks import DenoisingNetwork

from ..errors import DataError
from ..pairs.pair_case import Pair, PairCase
from ..pairs.split import CasePart
from ..training.news import ValidationFigures
from .figures import WINDOW_HU, FigureMeter, FlatTissue, Range, SectionFigures, Terms
from .predict import SectionPredictor
from .spread import spread

PREVIEW_SECTIONS = 3

Check = Callable[[], None]


@dataclass(frozen=True)
class Preview:
    """Some neighbouring sections as a network makes them now.

    Attributes:
        input: Noisy sections in HU, float32, shape (n, y, x).
        now: Output, same shape.
        target: What they should become, same shape; `None` where nobody knows.
        spacing: Distance of voxel centres along (z, y, x) in mm.
        title: Which sections of what they are, for people.
    """

    input: NDArray[np.float32]
    now: NDArray[np.float32]
    target: NDArray[np.float32] | None
    spacing: tuple[float, float, float]
    title: str


@runtime_checkable
class GivesWholePairs(Protocol):
    """A case whose loss can be taken even where nobody knows what a section should become."""

    def whole_pair(self, section: int, *, context: int) -> Pair:
        """A whole section as training sees it, always the same."""


class Validator:
    """Measures a network on always the same whole sections, evenly spread over the held-out parts.

    Attributes:
        terms: Window and data range of RMSE, PSNR and SSIM.
        sections: Case and index of each section measured.
    """

    def __init__(  # noqa: PLR0913 - which sections, for which network, in which terms
        self,
        parts: Sequence[CasePart],
        *,
        sections: int,
        context: int,
        scale_hu: float,
        backend: Backend,
        window_hu: Range | None = WINDOW_HU,
        data_range_hu: float | None = None,
        level_offset_hu: float | None = None,
    ) -> None:
        """Choose the sections.

        Args:
            parts: What is held out of training.
            sections: At most so many sections in all.
            context: Adjacent sections on each side that the network sees.
            scale_hu: HU that make 1 in the network.
            backend: Device and precision.
            window_hu: HU that output and target are clipped to for RMSE, PSNR and SSIM; `None` for images without HU.
            data_range_hu: HU from black to white; `None` for the width of the window, or without one for highest −
                lowest of the targets.
            level_offset_hu: Of `TrainingOptions`, so that the loss is that of training.

        Raises:
            DataError: The parts hold no section.
        """
        self._parts = [part for part in parts if part.sections]
        held_out = [(part.case, section) for part in self._parts for section in part.sections]
        if not held_out:
            raise DataError("No section is held out, so nothing can be validated; hold out a larger share.")
        self.sections = tuple(held_out[place] for place in spread(len(held_out), most=sections))
        self._context = context
        self._scale_hu = scale_hu
        self._backend = backend
        self._level_offset_hu = level_offset_hu
        self._tissues: dict[int, FlatTissue] = {}
        self.terms = Terms.choose(window_hu, data_range_hu, images=self._targets)

    def __call__(self, network: DenoisingNetwork, epoch: int = 0, check: Check | None = None) -> ValidationFigures:
        """The figures that are told after an epoch.

        Args:
            network: Copied, not changed; in whatever mode and on whatever device.
            epoch: After which epoch; the figures do not depend on it.
            check: Called before each section and each layer of the network; what it raises ends the validation.
        """
        return self.measure(network, check).validation

    def measure(self, network: DenoisingNetwork | None, check: Check | None = None) -> SectionFigures:
        """All figures of a network, or with `None` of the input itself, as if no noise were found."""
        predictor = self._predictor(network)
        meter = FigureMeter(self.terms)
        for index, (case, section) in enumerate(self.sections):
            if check is not None:
                check()
            whole = case.whole(section, context=self._context)
            hu = whole.sections[self._context]
            noise = _noise(predictor, whole.sections, check)
            meter.add(hu, hu - noise, tissue=self._tissue(index, hu), target=whole.target)
            if whole.target is not None:
                self._add_loss(meter, noise, hu - whole.target)
            elif isinstance(case, GivesWholePairs):
                pair = case.whole_pair(section, context=self._context)
                self._add_loss(meter, _noise(predictor, pair.sections, check), pair.noise)
        return meter.result()

    def baseline(self) -> ValidationFigures:
        """The figures of the input itself: what a network that finds no noise would have."""
        return self.measure(None).validation

    def preview(self, network: DenoisingNetwork | None, check: Check | None = None) -> Preview:
        """A few neighbouring sections in the middle of the first held-out part, as the network makes them now."""
        predictor = self._predictor(network)
        case, indices = _middle(self._parts[0])
        wholes = [case.whole(index, context=self._context) for index in indices]
        noise = np.stack([_noise(predictor, whole.sections, check) for whole in wholes])
        noisy = np.stack([whole.sections[self._context] for whole in wholes])
        targets = [whole.target for whole in wholes if whole.target is not None]
        return Preview(
            input=noisy,
            now=noisy - noise,
            target=np.stack(targets) if len(targets) == len(wholes) else None,
            spacing=case.spacing,
            title=f"{case.name}, {_in_words(indices)}",
        )

    @property
    def data(self) -> str:
        """The sections measured, in words, for tables and model cards."""
        found: dict[str, list[int]] = {}
        for case, section in self.sections:
            found.setdefault(case.name, []).append(section)
        return "; ".join(f"{name}, held-out {_in_words(indices)}" for name, indices in found.items())

    def _predictor(self, network: DenoisingNetwork | None) -> SectionPredictor | None:
        return None if network is None else SectionPredictor(network, self._backend, scale_hu=self._scale_hu)

    def _tissue(self, index: int, hu: NDArray[np.float32]) -> FlatTissue:
        if index not in self._tissues:
            self._tissues[index] = FlatTissue(hu)
        return self._tissues[index]

    def _add_loss(self, meter: FigureMeter, found: NDArray[np.float32], noise: NDArray[np.float32]) -> None:
        loss = float(np.square(found - noise, dtype=np.float64).mean())
        if self._level_offset_hu is not None:
            loss /= float(noise.std(dtype=np.float64)) ** 2 + self._level_offset_hu**2
        meter.add_loss(loss)

    def _targets(self) -> Iterator[NDArray[np.float32]]:
        """What the sections should become; where nobody knows, what they are."""
        for case, section in self.sections:
            whole = case.whole(section, context=self._context)
            yield whole.sections[self._context] if whole.target is None else whole.target


def _noise(
    predictor: SectionPredictor | None, sections: NDArray[np.float32], check: Check | None
) -> NDArray[np.float32]:
    """Noise of the centre section in HU, shape (y, x); none without a predictor."""
    if predictor is None:
        return np.zeros(sections.shape[1:], dtype=np.float32)
    return np.asarray(predictor.noise(sections[np.newaxis], check)[0])


def _middle(part: CasePart) -> tuple[PairCase, list[int]]:
    """Neighbouring sections in the middle of a part."""
    middle = part.sections[len(part.sections) // 2]
    half = PREVIEW_SECTIONS // 2
    return part.case, [index for index in range(middle - half, middle + half + 1) if index in part.sections]


def _in_words(indices: Sequence[int]) -> str:
    """Sections as people count them, from 1."""
    return f"section{'s' if len(indices) > 1 else ''} {', '.join(str(index + 1) for index in indices)}"
