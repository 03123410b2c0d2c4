"""Pictures of table views: the cells of a table node, drawn as Slicer's table widget draws them.

Columns are as wide as their longest text. What does not fit into the view is cut off at its right; desktop Slicer has a
scroll bar.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_HEADER, _LINE, _INK = (239, 239, 239), (192, 192, 192), (30, 30, 30)
_ROW_HEIGHT = 24
_MARGIN = 6


def render_table(table_view_node: Any, size: tuple[int, int], *, scale: float = 1.0) -> NDArray[np.uint8]:
    """Draws the table that a table view node shows, white if it shows none, as an array of shape (height, width, 3)."""
    picture = Image.new("RGB", size, "white")
    table_node = table_view_node.GetTableNode()
    if table_node is not None and table_node.GetNumberOfColumns() > 0:
        _draw(ImageDraw.Draw(picture), texts_of(table_node), table_node.GetUseFirstColumnAsRowHeader(), size[0], scale)
    return np.array(picture)


def texts_of(table_node: Any) -> list[list[str]]:
    """What the cells of a table say, row by row, the titles of the columns first."""
    table = table_node.GetTable()
    columns = range(table.GetNumberOfColumns())
    rows = [[table.GetValue(row, column).ToString() for column in columns] for row in range(table.GetNumberOfRows())]
    return [[_title(table_node, column) for column in columns], *rows]


def _title(table_node: Any, column: int) -> str:
    name = table_node.GetColumnName(column)
    if not table_node.GetUseColumnTitleAsColumnHeader():
        return chr(ord("A") + column)
    return table_node.GetColumnTitle(name) or name


def _draw(draw: Any, texts: list[list[str]], first_is_header: bool, width: int, scale: float) -> None:
    plain, bold = font_of_size(12 * scale), font_of_size(12 * scale, bold=True)
    height, margin = round(_ROW_HEIGHT * scale), _MARGIN * scale
    left = 0.0
    for column, cells in enumerate(zip(*texts, strict=True)):
        is_header = column == 0 and first_is_header
        right = left + max(draw.textlength(text, bold) for text in cells) + 2 * margin
        for row, text in enumerate(cells):
            top = row * height
            filled = is_header or row == 0
            draw.rectangle((left, top, right, top + height), fill=_HEADER if filled else "white", outline=_LINE)
            if not (is_header and row == 0):  # the corner of the two headers is empty
                place = (left + margin, top + height / 2)
                draw.text(place, text, font=bold if row == 0 else plain, fill=_INK, anchor="lm")
        left = right
        if left > width:
            return


def font_of_size(size: float, *, bold: bool = False) -> Any:
    """The font of everything that is drawn here."""
    import matplotlib as mpl

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name), size)
