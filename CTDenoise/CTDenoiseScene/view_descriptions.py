"""Views and layouts as Slicer describes them, in XML, and how the layout node learns of a layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import slicer


def slice_view(tag: str, *, label: str, colour: str, group: int) -> str:
    """A slice view.

    Args:
        tag: Its singleton tag, which is its name in Slicer.
        label: Text in the bar above it.
        colour: Of that bar.
        group: Views are linked with those of their group only.
    """
    properties = {"orientation": "Axial", "viewlabel": label, "viewcolor": colour, "viewgroup": str(group)}
    texts = (f'<property name="{name}" action="default">{value}</property>' for name, value in properties.items())
    return f'<view class="vtkMRMLSliceNode" singletontag="{tag}">{"".join(texts)}</view>'


def figure_view(kind: str, tag: str) -> str:
    """A view of figures; `kind` is "Plot" or "Table"."""
    return (
        f'<view class="vtkMRML{kind}ViewNode" singletontag="{tag}">'
        f'<property name="viewlabel" action="default">{kind}</property></view>'
    )


def is_free(layout_node: slicer.vtkMRMLLayoutNode, number: int, *, own_tag: str) -> bool:
    """Whether a number is no layout's, or that of a layout with our own view."""
    if not layout_node.IsLayoutDescription(number):
        return True
    return f'singletontag="{own_tag}"' in layout_node.GetLayoutDescription(number)


def describe(layout_node: slicer.vtkMRMLLayoutNode, number: int, text: str) -> None:
    """Give a layout its description, whether or not the number had one."""
    if layout_node.IsLayoutDescription(number):
        layout_node.SetLayoutDescription(number, text)
    else:
        layout_node.AddLayoutDescription(number, text)
