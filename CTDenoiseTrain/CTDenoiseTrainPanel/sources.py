"""Sources of pairs as the panel offers them: what each is called, and which volumes it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from slicer.i18n import tr as _

if TYPE_CHECKING:
    from CTDenoiseTrainLib.recipe.content import DataOptions, NoiseMethod, Source


@dataclass(frozen=True, kw_only=True)
class SourceKind:
    """A source of pairs.

    Attributes:
        source: Its name in recipes.
        title: For the menu.
        sentence: How pairs come about.
        roles: What the volume in each role is, by the names of `CaseVolumes`.
        repeats: How many repeats there must be; 0 where none are needed.
        method: How noise maps are made; of "noise-maps" only.
        scales_noise: Whether noise is multiplied by a factor.
    """

    source: Source
    title: str
    sentence: str
    roles: Mapping[str, str] = field(default_factory=dict)
    repeats: int = 0
    method: NoiseMethod = "reconstructions"
    scales_noise: bool = False

    @property
    def key(self) -> str:
        """For parameters and menus."""
        return f"{self.source}/{self.method}" if self.source == "noise-maps" else self.source

    def apply(self, data: DataOptions, *, sections_apart: int) -> DataOptions:
        """The options of a recipe with this source.

        Args:
            data: The others.
            sections_apart: See `DataOptions`.
        """
        return replace(data, source=self.source, method=self.method, sections_apart=sections_apart)


def source_kinds() -> tuple[SourceKind, ...]:
    """All of them, those that keep the resolution of the images first."""
    return (*_of_noise(), *_of_pairs())


def _of_noise() -> tuple[SourceKind, ...]:
    return (
        SourceKind(
            source="noise-maps",
            title=_("Noise maps: filtered back-projection and iterative"),
            sentence=_("The difference of both reconstructions is noise; it is added to the iterative one."),
            roles={"noisy": _("Filtered back-projection"), "iterative": _("Iterative")},
            scales_noise=True,
        ),
        SourceKind(
            source="self-supervised",
            title=_("One series alone"),
            sentence=_("Noise is taken from sections that lie apart, and added to the series."),
            roles={"noisy": _("Series")},
            scales_noise=True,
        ),
        SourceKind(
            source="noise-maps",
            method="adjacent-sections",
            title=_("Noise maps: sections subtracted"),
            sentence=_("Noise is the difference of sections that lie apart; it is added to averaged sections."),
            roles={"noisy": _("Series")},
            scales_noise=True,
        ),
        SourceKind(
            source="noise-maps",
            method="repeated-scans",
            title=_("Noise maps: repeated scans of a phantom"),
            sentence=_("Repeats of a phantom show noise alone; it is added to averaged sections of the series."),
            roles={"noisy": _("Series")},
            repeats=2,
            scales_noise=True,
        ),
    )


def _of_pairs() -> tuple[SourceKind, ...]:
    return (
        SourceKind(
            source="dose-pairs",
            title=_("Low and full dose"),
            sentence=_("The same place with the same kernel and sections, with more and with less noise."),
            roles={"noisy": _("Low dose"), "clean": _("Full dose")},
        ),
        SourceKind(
            source="repeats",
            title=_("Repeated scans"),
            sentence=_("Scans that differ by noise alone learn from each other."),
            repeats=2,
        ),
        SourceKind(
            source="averages",
            title=_("Averages of repeats"),
            sentence=_("A few of several repeats learn from the mean of the others, as in arterial spin labelling."),
            repeats=3,
        ),
        SourceKind(
            source="kernel-pairs",
            title=_("Sharp and smooth kernel"),
            sentence=_("Two reconstructions of one scan; the model takes over the resolution of the smooth one."),
            roles={"noisy": _("Sharp kernel"), "clean": _("Smooth kernel")},
        ),
        SourceKind(
            source="resolution-pairs",
            title=_("Low and high resolution"),
            sentence=_("The same place with coarser and with finer pixels or sections."),
            roles={"noisy": _("Low resolution"), "clean": _("High resolution")},
        ),
    )
