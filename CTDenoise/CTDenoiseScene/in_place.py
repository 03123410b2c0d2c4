"""Input and output in one view, in the same place: blinking from one to the other, or fading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from CTDenoiseLib.signal import Signal

if TYPE_CHECKING:
    import slicer


class InPlace:
    """Lays the input over the output in the view of the output.

    Args:
        composite: Which volumes the view shows; the output is its background.
        over: The input.

    Attributes:
        over: The input.
        changed: Emits when another share is shown.
    """

    def __init__(self, composite: slicer.vtkMRMLSliceCompositeNode, over: slicer.vtkMRMLScalarVolumeNode) -> None:
        self.changed: Signal[[]] = Signal()
        self._composite = composite
        self.over = over
        self._share = 0.0

    @property
    def share(self) -> float:
        """Share of the input in the picture: 0 shows the output alone, 1 the input alone."""
        return self._share

    @share.setter
    def share(self, share: float) -> None:
        if share == self._share:
            return
        self._share = share
        # At 0 there is no foreground: the view is as fast as the others, and a tool finds the output in it.
        composite = self._composite
        blocked = composite.StartModify()
        composite.SetForegroundVolumeID(self.over.GetID() if share else None)
        composite.SetForegroundOpacity(share)
        composite.EndModify(blocked)
        self.changed.emit()

    def blink(self) -> None:
        """Show the input if the output is shown, and the other way round."""
        self.share = 0.0 if self._share == 1.0 else 1.0
