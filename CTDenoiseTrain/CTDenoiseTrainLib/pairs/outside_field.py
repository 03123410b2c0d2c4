"""What lies outside the field of view of a CT, shown as air.

Scanners fill it with a value that no tissue has, such as −2048 HU, and many files do not say which. A network would
take the step to it for an edge, its batch norm would be thrown off by values of some thousand HU, and a model card
would claim that the model knows them. In use such voxels pass through unchanged, and are not shown to the network.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.volume import Volume

AIR_HU = np.float32(-1000)
NO_TISSUE_BELOW_HU = -1500.0
"""Air with the strongest noise that a scanner shows is hardly below this; padding is −2000 HU and less as a rule."""


def with_air_outside(volume: Volume, section: int) -> NDArray[np.float32]:
    """A section in HU, shape (y, x), with air where it has values that no tissue has.

    Only CT is changed; what does not say what it is counts as CT. A declared padding value decides nothing: where it is
    not below all tissue, tissue may have it.

    Args:
        volume: The series.
        section: Index along z.
    """
    hu = volume.section(section)
    if volume.acquisition.modality not in (None, "CT"):
        return hu
    return np.where(hu < NO_TISSUE_BELOW_HU, AIR_HU, hu)
