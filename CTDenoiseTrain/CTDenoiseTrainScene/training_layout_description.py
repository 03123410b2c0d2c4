"""The layout of a training as Slicer describes layouts: four slice views, and beside them a plot and a table."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

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
    while not _is_free(layout_node, number):
        number += 1
    if layout_node.IsLayoutDescription(number):
        layout_node.SetLayoutDescription(number, _DESCRIPTION)
    else:
        layout_node.AddLayoutDescription(number, _DESCRIPTION)
    return number


def _is_free(layout_node: slicer.vtkMRMLLayoutNode, number: int) -> bool:
    """Whether nobody but us uses a number."""
    if not layout_node.IsLayoutDescription(number):
        return True
    return f'singletontag="{View.NOW.tag}"' in layout_node.GetLayoutDescription(number)


def _layout(direction: str, *items: tuple[str, str], split: bool = False) -> str:
    """A row or column of items, each with its share in thousandths, which count where the user may move the split."""
    parts = "".join(f'<item splitSize="{share}">{item}</item>' for share, item in items)
    return f'<layout type="{direction}" split="{str(split).lower()}">{parts}</layout>'


def _slice_view(view: View) -> str:
    properties = {
        "orientation": "Axial",
        "viewlabel": view.value,
        "viewcolor": view.colour,
        "viewgroup": str(VIEW_GROUP),
    }
    texts = (f'<property name="{name}" action="default">{value}</property>' for name, value in properties.items())
    return f'<view class="vtkMRMLSliceNode" singletontag="{view.tag}">{"".join(texts)}</view>'


def _other_view(kind: str, tag: str) -> str:
    return (
        f'<view class="vtkMRML{kind}ViewNode" singletontag="{tag}">'
        f'<property name="viewlabel" action="default">{kind}</property></view>'
    )


_SLICES = _layout(
    "vertical", *(("500", _layout("horizontal", *(("500", _slice_view(v)) for v in row))) for row in _ROWS)
)
_FIGURES = _layout(
    "vertical", ("560", _other_view("Plot", PLOT_TAG)), ("440", _other_view("Table", TABLE_TAG)), split=True
)
_DESCRIPTION = _layout("horizontal", ("620", _SLICES), ("380", _FIGURES), split=True)
