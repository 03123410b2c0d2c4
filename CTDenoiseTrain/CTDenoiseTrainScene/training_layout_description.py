"""The layout of a training as Slicer describes layouts: four slice views, and beside them a plot and a table."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from CTDenoiseScene.view_descriptions import describe, figure_view, is_free, slice_view

if TYPE_CHECKING:
    import slicer

# Views are linked with those of their group only; 150 is that of comparisons.
VIEW_GROUP = 151
PLOT_TAG = "CTDenoiseTrainPlot"
TABLE_TAG = "CTDenoiseTrainTable"
_FIRST_ID = 15110


class View(Enum):
    """What a slice view shows."""

    INPUT = "Input"
    NOW = "Now"
    TARGET = "Target"
    DIFFERENCE = "Difference"

    @property
    def tag(self) -> str:
        """Singleton tag of the slice node, which is its name in Slicer."""
        return f"CTDenoiseTrain{self.value}"

    @property
    def colour(self) -> str:
        """Colour of the bar above the view: those of a comparison, with the target in that of the smooth series."""
        return _COLOURS[self]


_COLOURS = {View.INPUT: "#DDA15E", View.NOW: "#7FC8A9", View.TARGET: "#8AB6D6", View.DIFFERENCE: "#B8A1D9"}
_ROWS = ((View.INPUT, View.NOW), (View.TARGET, View.DIFFERENCE))


def register_training_layout(layout_node: slicer.vtkMRMLLayoutNode) -> int:
    """Make the layout known to Slicer. Registering again changes nothing.

    Slicer needs this before it opens a scene that was saved with the layout, hence at its start.

    Returns:
        Number of the layout.
    """
    number = _FIRST_ID
    while not is_free(layout_node, number, own_tag=View.NOW.tag):
        number += 1
    describe(layout_node, number, _DESCRIPTION)
    return number


def _layout(direction: str, *items: tuple[str, str], split: bool = False) -> str:
    """A row or column of items, each with its share in thousandths, which count where the user may move the split."""
    parts = "".join(f'<item splitSize="{share}">{item}</item>' for share, item in items)
    return f'<layout type="{direction}" split="{str(split).lower()}">{parts}</layout>'


def _slice_view(view: View) -> str:
    return slice_view(view.tag, label=view.value, colour=view.colour, group=VIEW_GROUP)


_SLICES = _layout(
    "vertical", *(("500", _layout("horizontal", *(("500", _slice_view(v)) for v in row))) for row in _ROWS)
)
_FIGURES = _layout(
    "vertical", ("560", figure_view("Plot", PLOT_TAG)), ("440", figure_view("Table", TABLE_TAG)), split=True
)
_DESCRIPTION = _layout("horizontal", ("620", _SLICES), ("380", _FIGURES), split=True)
