"""What methods are compared on: images to denoise, figures read from the outputs, and what is to be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality_methods import Method, Picture
from benchmarks.quality_noise import Noise

Stack = NDArray[np.float32]
Outputs = Mapping[str, Stack]
"""Of each image by its name, shape (n, y, x): the sections that were denoised."""
Figures = Mapping[str, float | None]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Image:
    """A noisy image, of which some sections are denoised.

    Attributes:
        hu: All sections, shape (z, y, x).
        sections: Indices of those to denoise.
        noise: Of each of them.
        alone: Whether the sections are no neighbours of each other; then each stands for those beside it as well.
    """

    hu: Stack
    sections: tuple[int, ...]
    noise: tuple[Noise, ...]
    alone: bool = False

    @property
    def input(self) -> Stack:
        """The sections that are denoised, shape (n, y, x)."""
        return np.asarray(self.hu[list(self.sections)])

    def window(self, place: int, context: int) -> Stack:
        """Adjacent sections around one that is denoised, shape (2 · context + 1, y, x); the ends are repeated.

        Args:
            place: Index into `sections`.
            context: Sections on each side.
        """
        beside = np.zeros(2 * context + 1, dtype=int) if self.alone else np.arange(-context, context + 1)
        return np.asarray(self.hu[np.clip(self.sections[place] + beside, 0, len(self.hu) - 1)])

    def denoised_at(self, place: int, method: Method) -> Picture:
        """Output of a method for one of the sections, shape (y, x)."""
        return method.denoise(self.window(place, method.context), self.noise[place])

    def denoised(self, method: Method, on_progress: Progress = lambda done, total: None) -> Stack:
        """Output of a method, shape (n, y, x)."""
        output = np.empty((len(self.sections), *self.hu.shape[1:]), dtype=np.float32)
        for place in range(len(self.sections)):
            output[place] = self.denoised_at(place, method)
            on_progress(place + 1, len(self.sections))
        return output


@dataclass(frozen=True)
class Goal:
    """What is to be reached with a figure.

    Attributes:
        bound: In the unit of the figure.
        at_most: Whether the figure must not be above the bound; else it must not be below.
        strictly: Whether the bound itself is not enough.
    """

    bound: float
    at_most: bool
    strictly: bool = False

    def is_reached(self, figure: float | None) -> bool:
        """Whether a figure does it; one that could not be measured does not."""
        if figure is None or not np.isfinite(figure):
            return False
        over = self.bound - figure if self.at_most else figure - self.bound
        return over > 0 or (over == 0 and not self.strictly)

    def __str__(self) -> str:
        sign = ("<" if self.at_most else ">") if self.strictly else ("≤" if self.at_most else "≥")
        return f"{sign} {self.bound:.4g}"


@dataclass(frozen=True)
class Column:
    """A figure.

    Attributes:
        key: In `Figures`.
        title: For people.
        unit: Empty for ratios.
        digits: Behind the decimal point.
    """

    key: str
    title: str
    unit: str = ""
    digits: int = 1


@dataclass(frozen=True, eq=False)
class Crop:
    """Part of a section that pictures show.

    Attributes:
        image: Name of the image.
        place: Index into its denoised sections.
        rows: Rows of the part.
        columns: Columns of the part.
        window: Lowest and highest HU.
        spacing: Distance of rows and of columns (y, x) in mm.
        reference: Of the whole section, shown beside the methods by its name; `None` without.
    """

    image: str
    place: int
    rows: slice
    columns: slice
    window: tuple[float, float]
    spacing: tuple[float, float]
    reference: tuple[str, Picture] | None = None


@dataclass(frozen=True, eq=False)
class Trial:
    """Sections on which the strength of non-local means is chosen, for that method's own good.

    Attributes:
        places: Name of an image, and index into its denoised sections.
        far_off: How far from the best an output of such a place is, shape (y, x); the strength with the least mean over
            the places is taken.
        words: What is best, in words.
    """

    places: tuple[tuple[str, int], ...]
    far_off: Callable[[str, int, Picture], float]
    words: str


class DataSet(Protocol):
    """What methods are compared on."""

    @property
    def name(self) -> str:
        """For the command line and files."""

    @property
    def title(self) -> str:
        """A line."""

    @property
    def images(self) -> Mapping[str, Image]:
        """To denoise, by name."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The figures of its table."""

    @property
    def trial(self) -> Trial:
        """See `Trial`."""

    @property
    def crops(self) -> tuple[Crop, ...]:
        """What its pictures show."""

    @property
    def rivals(self) -> tuple[str, ...]:
        """Names of methods that make the goals, and are not judged by them."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know, a sentence each."""

    def figures(self, outputs: Outputs) -> Figures:
        """Figures of a method's outputs by key."""

    def further_figures(self, method: Method) -> Figures:
        """Those for which the method has to denoise other images."""

    def references(self) -> Mapping[str, Figures]:
        """Rows of images that no method made, such as another reconstruction, by name."""

    def goals(self, rows: Mapping[str, Figures]) -> Mapping[str, Goal]:
        """What is to be reached, by key; may depend on the figures of other rows."""
