"""The noise of loaded volumes, measured once for each image, because it is asked for at each change of the scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

from CTDenoiseScene.match_gate import measure_noise

if TYPE_CHECKING:
    import slicer


class MeasuredNoise:
    """Remembers what was measured."""

    def __init__(self) -> None:
        self._noise_hu: dict[tuple[str, int], float | None] = {}

    def __call__(self, node: slicer.vtkMRMLScalarVolumeNode) -> float | None:
        """Noise of a volume in HU; `None` if there is no flat tissue to measure it in.

        Raises:
            NoImageError: The node holds no image.
        """
        image = node.GetID(), node.GetImageData().GetMTime() if node.GetImageData() is not None else 0
        if image not in self._noise_hu:
            self._noise_hu[image] = measure_noise(node)
        return self._noise_hu[image]
