"""The samples of a line profile as a table: to draw it elsewhere."""

from __future__ import annotations

import numpy as np

from ..result_table import Column, ResultTable
from .profile import Profiles


def samples_table(profiles: Profiles, *, axes: str) -> ResultTable:
    """Distance and place of each sample, and HU of each image with the standard error of the mean over the width.

    Args:
        profiles: HU along the line.
        axes: Letters of the world's axes, such as "xyz" for LPS or "RAS" for a scene of Slicer.
    """
    columns = [Column("distance", "Distance", "mm"), *(Column(axis.lower(), axis, "mm") for axis in axes)]
    parts = [profiles.distance_mm, *profiles.points.T]
    found = zip(profiles.names, profiles.hu, profiles.standard_error, strict=True)
    for number, (name, hu, standard_error) in enumerate(found, start=1):
        columns.append(Column(f"hu_{number}", name, "HU"))
        parts.append(hu)
        if standard_error is not None:
            columns.append(Column(f"standard_error_{number}", f"{name}, standard error", "HU"))
            parts.append(standard_error)
    return ResultTable("HU along the line", tuple(columns), tuple(map(tuple, np.stack(parts, axis=1).tolist())))
