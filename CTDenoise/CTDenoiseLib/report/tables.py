"""The tables of a report: noise in regions, features of the line, and how the result came about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..measure.measured import Measured, Measurement, NotMeasurable
from .colours import FAINT, INK
from .facts import Facts
from .figures import LineFigures, RegionFigures
from .sheet import Area, Sheet, line_height, shortened, wrapped
from .words import signed

_SIZE = 7.0
_HEADING_INCHES, _ROW_INCHES = 0.155, 0.13
_NAME_INCHES, _REGION_INCHES = 0.8, 0.85
_HASH_LETTERS = 64
_FEATURES = (
    ("fwhm", "FWHM", 2),
    ("edge_distance", "Edge, 10–90 %", 2),
    ("edge_slope", "Edge slope", 0),
    ("peak_contrast", "Peak contrast", 0),
)
_MOST_REGIONS = 5


def write_regions(sheet: Sheet, regions: Sequence[RegionFigures], area: Area) -> float:
    """Mean and noise of each region in input and output; returns where the table ends below."""
    table = _Table(sheet, "Regions of interest", area, shares=(0.36, 0.66, 1.0))
    if not regions:
        return table.say("No uniform place was found to measure noise in.")
    table.add(("", "section", "mean / HU", "noise (SD) / HU"), color=FAINT)
    for region in regions[:_MOST_REGIONS]:
        name = shortened(region.name, _REGION_INCHES, size=_SIZE)
        table.add((name, f"{region.section + 1}", _means(region), _noise(region)))
    if len(regions) > _MOST_REGIONS:
        table.add((f"… and {len(regions) - _MOST_REGIONS} more", "", "", ""), color=FAINT)
    return table.top


def write_features(sheet: Sheet, line: LineFigures | None, area: Area) -> float:
    """Sharpness and contrast along the line, of input and output; returns where the table ends below."""
    if line is None:
        return area.top
    table = _Table(sheet, "Line profile", area, shares=(0.68, 1.0))
    before, after = line.features()
    pairs = [(title, digits, getattr(before, key), getattr(after, key)) for key, title, digits in _FEATURES]
    shown = [pair for pair in pairs if isinstance(pair[2], Measured) or isinstance(pair[3], Measured)]
    if not shown:
        for reason in dict.fromkeys(each.reason for pair in pairs for each in pair[2:]):
            table.say(reason)
        return table.top
    table.add(("", "input", "output"), color=FAINT)
    for title, digits, first, last in shown:
        table.add((title, _feature(first, digits), _feature(last, digits)))
    return table.top


def write_facts(sheet: Sheet, facts: Facts, area: Area) -> float:
    """Names and values; returns where the table ends below."""
    table = _Table(sheet, "Provenance", area)
    for name, value in facts:
        table.add_fact(name, value)
    return table.top


class _Table:
    """Rows below a heading.

    Args:
        sheet: To write on.
        title: The heading.
        area: Where.
        shares: Right ends of the second and further columns as shares of the width.

    Attributes:
        top: Where the next row begins.
    """

    def __init__(self, sheet: Sheet, title: str, area: Area, *, shares: tuple[float, ...] = ()) -> None:
        self.top = area.top + _HEADING_INCHES
        self._sheet = sheet
        self._area = area
        self._ends = [area.left + share * area.width for share in shares]
        sheet.write(area.left, area.top + _HEADING_INCHES / 2, title, size=8, weight="bold")

    def add(self, cells: Sequence[str], *, color: str = INK) -> None:
        """A row; the first cell begins at the left, the others end at the right of their columns."""
        first, *others = cells
        middle = self.top + _ROW_INCHES / 2
        self._sheet.write(self._area.left, middle, first, size=_SIZE, color=color)
        for cell, end in zip(others, self._ends, strict=True):
            self._sheet.write(end, middle, cell, size=_SIZE, color=color, ha="right")
        self._end_row(_ROW_INCHES)

    def add_fact(self, name: str, value: str) -> None:
        """A name and a value that may take several lines."""
        left = self._area.left + _NAME_INCHES
        lines = list(_fitting(value, self._area.right - left))
        for number, line in enumerate(lines):
            self._sheet.write(left, self.top + _ROW_INCHES / 2 + number * line_height(_SIZE), line, size=_SIZE)
        self._sheet.write(self._area.left, self.top + _ROW_INCHES / 2, name, size=_SIZE, color=FAINT)
        self._end_row(_ROW_INCHES + (len(lines) - 1) * line_height(_SIZE))

    def say(self, sentence: str) -> float:
        """A sentence in place of rows; returns where it ends."""
        self.top = self._sheet.write_lines(
            sentence, Area(self._area.left, self.top, self._area.width), size=_SIZE, color=FAINT
        )
        return self.top

    def _end_row(self, height: float) -> None:
        self.top += height
        self._sheet.rule(self._area.left, self.top, self._area.width)


def _fitting(value: str, width: float) -> Iterator[str]:
    """Lines of a value; a hash, which has no blanks, is cut in two."""
    for word in value.split():
        if len(word) == _HASH_LETTERS:
            middle = _HASH_LETTERS // 2
            value = value.replace(word, f"{word[:middle]} {word[middle:]}")
    return wrapped(value, width, size=_SIZE)


def _means(region: RegionFigures) -> str:
    if region.before is None or region.after is None:
        return "–"
    return f"{signed(region.before.mean_hu, 1, plus='')} → {signed(region.after.mean_hu, 1, plus='')}"


def _noise(region: RegionFigures) -> str:
    if region.before is None or region.after is None:
        return "not measured"
    change = "" if region.noise_change is None else f" ({signed(region.noise_change, 0)} %)"
    return f"{region.before.noise_hu:.1f} → {region.after.noise_hu:.1f}{change}"


def _feature(feature: Measurement, digits: int) -> str:
    if isinstance(feature, NotMeasurable):
        return "not measurable"
    chance = "" if feature.uncertainty is None else f" ± {feature.uncertainty:.{digits}f}"
    return f"{signed(feature.value, digits, plus='')}{chance} {feature.unit}"
