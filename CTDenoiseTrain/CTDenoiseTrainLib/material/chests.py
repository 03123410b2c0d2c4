"""The openly licensed chest volumes that give anatomy and body shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.samples import fetch
from CTDenoiseLib.volume import Volume
from CTDenoiseLib.volume_files import read_volume

from ..errors import DataError

_FILES = "lung*_image.nrrd"


def open_chests(folder: Path) -> list[NDArray[np.float32]]:
    """Two chests of 5 mm sections (package pyradiomics on PyPI, BSD-3-Clause), fetched where they are not there yet.

    Args:
        folder: Where they are kept, as `ctdenoise sample lung` leaves them.

    Returns:
        HU values, each of shape (z, 512, 512).

    Raises:
        CTDenoiseError: The folder is there without them, or they cannot be fetched or read.
    """
    return [chest.hu for chest in open_chest_volumes(folder)]


def open_chest_volumes(folder: Path) -> list[Volume]:
    """The same with their geometry: pixels of 0.57 and 0.63 mm.

    Raises:
        CTDenoiseError: The folder is there without them, or they cannot be fetched or read.
    """
    if not folder.exists():
        fetch("lung", folder)
    chests = [read_volume(path) for path in sorted(folder.rglob(_FILES))]
    if not chests:
        raise DataError(f"“{folder}” holds no {_FILES}; name a folder that is not there yet, to have them fetched.")
    return chests
