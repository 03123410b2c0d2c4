"""A volume as a file for the views: `.npy`, float32, there whole at any moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from CTDenoiseLib.atomic import file_in_the_making


def write_view_file(path: Path, hu: ArrayLike) -> str:
    """Write a volume, in place of the one before if there is one.

    Args:
        path: The file; missing folders are made.
        hu: Shape (z, y, x).

    Returns:
        The path, as messages have it.

    Raises:
        WriteFailedError: The disk is full, or on Windows a reader has the file open.
    """
    values = np.ascontiguousarray(hu, dtype=np.float32)
    with file_in_the_making(path, overwrite=True) as made, made.open("wb") as file:
        # As `np.save` does, whose error would not say that the disk is full.
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(values))
        file.write(values.data)
    return str(path)
