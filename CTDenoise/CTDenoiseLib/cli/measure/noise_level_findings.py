"""Global noise level of images, for the terminal, the files and the plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...measure.measured import Measured, NotMeasurable
from ...measure.noise.global_noise_level import GlobalNoiseLevel, global_noise_level
from ...measure.noise.noise_level import SOFT_TISSUE_HU
from ...measure.record import MeasurementRecord
from ...measure.result_table import Cell, Column, ResultTable
from .answer import Findings
from .errors import OptionError
from .images import LoadedImage
from .numbers import read_numbers
from .show_table import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DEFINITIONS = (
    "Global noise level after Christianson et al. (AJR 2015;205:W93): the most frequent standard deviation of HU in a "
    "square of 7 mm around each pixel of soft tissue, which is found in the first image, smoothed; of several sections "
    "the median.",
    "Uncertainty is that of drawing other parts of the tissue (bootstrap).",
    "Noise reduction is 100 · (1 − level / level of the first image) %.",
)


def tissue_range(text: str | None) -> tuple[float, float]:
    """Lowest and highest HU of the tissue.

    Raises:
        OptionError: They cannot be read or are in the wrong order.
    """
    if text is None:
        return SOFT_TISSUE_HU
    ((low, high),) = read_numbers("--tissue", text, "LOW,HIGH").groups
    if not low < high:
        raise OptionError(f"--tissue {text} holds no HU; write the lower one first, such as -100,200.")
    return low, high


def noise_level_findings(loaded: Sequence[LoadedImage], tissue_hu: tuple[float, float]) -> Findings:
    """Measure the noise level of images.

    Args:
        loaded: Of the same voxels; tissue is found in the first.
        tissue_hu: Lowest and highest HU of the tissue.

    Raises:
        MeasurementError: The images have different voxels, or the first has too little tissue.
    """
    images = [each.image for each in loaded]
    found = global_noise_level(images, tissue_hu=tissue_hu)
    if isinstance(found[0].level, NotMeasurable):
        raise OptionError(found[0].level.reason)
    table, by_section = _table(found), _by_section(found)
    record = MeasurementRecord(
        images=tuple(each.identity for each in loaded),
        settings={"tissue from HU": tissue_hu[0], "tissue to HU": tissue_hu[1]},
        tables=(table, by_section),
        notes=_DEFINITIONS,
    )

    def draw() -> Figure:
        from ...report.plot_noise_level import plot_noise_level

        return plot_noise_level(found, images, tissue_hu=tissue_hu)

    return Findings(record=record, shown=[Shown(table)], csv=table, draw=draw)


def _table(found: Sequence[GlobalNoiseLevel]) -> ResultTable:
    columns = (
        Column("image", "Image"),
        Column("level", "Noise level", "HU"),
        Column("level_uncertainty", "± Noise level", "HU"),
        Column("noise_reduction", "Noise reduction", "%"),
        Column("pixels", "Pixels"),
        Column("sections", "Sections"),
        Column("remarks", "Remarks"),
    )
    return ResultTable("Global noise level", columns, tuple(_row(each, found[0]) for each in found))


def _by_section(found: Sequence[GlobalNoiseLevel]) -> ResultTable:
    columns = [Column("section", "Section")]
    columns += [Column(f"level_{number}", each.name, "HU") for number, each in enumerate(found, start=1)]
    sections = sorted({section for each in found for section in each.sections})
    rows = ((section + 1, *(each.sections.get(section) for each in found)) for section in sections)
    return ResultTable("Noise level by section, counted from 1", tuple(columns), tuple(rows))


def _row(each: GlobalNoiseLevel, first: GlobalNoiseLevel) -> tuple[Cell, ...]:
    if not isinstance(each.level, Measured):
        return (each.name, None, None, None, each.pixels, len(each.sections), each.level.reason)
    level, uncertainty = each.level.value, each.level.uncertainty
    reduction = None
    if each is not first and isinstance(first.level, Measured):
        reduction = 100 * (1 - level / first.level.value)
    return (each.name, level, uncertainty, reduction, each.pixels, len(each.sections), "")
