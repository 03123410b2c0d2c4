"""The comparison layouts as Slicer describes layouts: XML under a number, kept by the layout node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .comparison import Comparison, Role
from .view_descriptions import describe, figure_view, is_free, slice_view

if TYPE_CHECKING:
    import slicer

# Views are linked with those of their group only: the user's own views, in group 0, stay where they are.
VIEW_GROUP = 150
PLOT_TAG = "CTDenoisePlot"
TABLE_TAG = "CTDenoiseTable"
_FIRST_ID = 15010
_LAYOUTS = tuple((comparison, plot) for comparison in Comparison for plot in (False, True))


def register_layouts(layout_node: slicer.vtkMRMLLayoutNode) -> dict[int, tuple[Comparison, bool]]:
    """Make the layouts known to Slicer. Registering again changes nothing.

    Slicer needs this before it opens a scene that was saved with one of these layouts, hence at its start.

    Returns:
        Comparison and whether it has a row for plot and table, by number of the layout.
    """
    first = _FIRST_ID
    while any(not _is_free(layout_node, first + number) for number in range(len(_LAYOUTS))):
        first += 10
    ids = {first + number: layout for number, layout in enumerate(_LAYOUTS)}
    for layout_id, (comparison, plot) in ids.items():
        describe(layout_node, layout_id, description(comparison, plot=plot))
    return ids


def _is_free(layout_node: slicer.vtkMRMLLayoutNode, layout_id: int) -> bool:
    """Whether nobody but us uses a number."""
    return is_free(layout_node, layout_id, own_tag=Role.DENOISED.tag)


def description(comparison: Comparison, *, plot: bool) -> str:
    """XML of a comparison: rows of slice views of equal size and, if wanted, a row for plot and table below them."""
    rows = [f"<item>{_row(roles)}</item>" for roles in comparison.rows]
    slices = f'<layout type="vertical">{"".join(rows)}</layout>'
    if not plot:
        return slices
    return (
        f'<layout type="vertical" split="true"><item splitSize="660">{slices}</item>'
        f'<item splitSize="340">{_measurement_row()}</item></layout>'
    )


def _measurement_row() -> str:
    plot, table = figure_view("Plot", PLOT_TAG), figure_view("Table", TABLE_TAG)
    return (
        f'<layout type="horizontal" split="true"><item splitSize="420">{plot}</item>'
        f'<item splitSize="580">{table}</item></layout>'
    )


def _row(roles: tuple[Role, ...]) -> str:
    return f'<layout type="horizontal">{"".join(f"<item>{_view(role)}</item>" for role in roles)}</layout>'


def _view(role: Role) -> str:
    return slice_view(role.tag, label=role.value, colour=role.colour, group=VIEW_GROUP)
