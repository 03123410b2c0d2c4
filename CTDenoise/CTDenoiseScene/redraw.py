"""Draws the views of a volume anew, no more often than somebody sees a difference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import slicer


class Redraw:
    """Remembers which sections of a volume were changed, as whoever writes into its memory must tell VTK.

    Telling it has its price: all views of the volume are drawn anew. And an image that was told forgets the range of
    its values, which Slicer finds out from all voxels when the user next changes the window with the mouse; that takes
    seconds for a large exam. A view that comes to a changed section later fetches it anyway.

    Args:
        node: The volume.
    """

    def __init__(self, node: slicer.vtkMRMLVolumeNode) -> None:
        self._node: slicer.vtkMRMLVolumeNode | None = node
        self._changed: set[int] = set()

    def note(self, section: int) -> None:
        """A section was changed."""
        self._changed.add(section)

    def flush(self, visible: Iterable[int], *, everything: bool = False, new_range: bool = False) -> None:
        """Draw the views anew if one of the sections on screen was changed, or any section if `everything`.

        Args:
            visible: Sections on screen.
            everything: Whether changes elsewhere count too.
            new_range: Whether Slicer shall forget the range of the values, as at the end of a run.
        """
        if self._node is None:
            return
        if self._node.GetScene() is None:
            # Deleted: nothing here may keep its image in memory.
            self._node = None
        elif self._changed if everything else not self._changed.isdisjoint(visible):
            self._changed.clear()
            connection = self._node.GetImageDataConnection()
            if connection is not None:
                # The first makes the slices anew when they are drawn; only the second has Slicer's views draw.
                source = connection.GetProducer()
                (source.GetOutputDataObject(0) if new_range else source).Modified()
                self._node.Modified()
