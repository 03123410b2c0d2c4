"""What is left of small vessels, as a table for a label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slicer.i18n import tr as _

if TYPE_CHECKING:
    from CTDenoiseLib.measure.small_vessels.retention import RetainedContrast, RetentionMap


def retention_table(found: RetentionMap) -> str:
    """HTML: a row for each diameter, a column for each contrast, in each cell the share of the vessel that is left."""
    cells = {(cell.vessel.diameter, cell.vessel.contrast): cell for cell in found.cells}
    diameters = sorted({diameter for diameter, _contrast in cells})
    contrasts = sorted({contrast for _diameter, contrast in cells})
    heading = _("Left of small vessels in section {section}, by diameter and contrast:")
    rows = ["".join(f"<th align=right>&nbsp;{text}</th>" for text in ("", *(f"{hu:g} HU" for hu in contrasts)))]
    for diameter in diameters:
        shares = "".join(_cell(cells[diameter, contrast]) for contrast in contrasts)
        rows.append(f"<td align=right>{diameter:g} mm</td>{shares}")
    table = "".join(f"<tr>{row}</tr>" for row in rows)
    explained = _("± is the standard error. 100 %: as strong as in the input, where blur has weakened thin vessels.")
    return f"{heading.format(section=found.section + 1)}<table cellspacing=2>{table}</table>{explained}"


def _cell(cell: RetainedContrast) -> str:
    return f"<td align=right>&nbsp;&nbsp;{100 * cell.share:.0f} ± {100 * cell.error:.0f} %</td>"
