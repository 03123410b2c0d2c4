"""What is to be detected in an image, and how it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...measure.regions.shapes import Box
from ...measure.resolution.detectability import DiscTask
from ...measure.resolution.eye_filter import Viewing
from .errors import OptionError
from .numbers import read_numbers
from .regions import BOX_FORM


@dataclass(frozen=True)
class Tasks:
    """Discs to be detected.

    Attributes:
        discs: Diameter and contrast of each; none to detect nothing.
        noise_boxes: Where to take the noise from.
        viewing: How the image is looked at.
    """

    discs: tuple[DiscTask, ...]
    noise_boxes: tuple[Box, ...]
    viewing: Viewing


def tasks_asked_for(tasks: Sequence[str], *, noise_boxes: Sequence[str], viewing: str) -> Tasks:
    """Read the options.

    Raises:
        CTDenoiseError: One cannot be read, or there are tasks without a box for the noise, or the other way round.
    """
    discs = [DiscTask(*read_numbers("--task", text, "DIAMETER,CONTRAST").groups[0]) for text in tasks]
    places = [read_numbers("--nps-box", text, BOX_FORM).groups for text in noise_boxes]
    if bool(discs) != bool(places):
        raise OptionError("A detectability index needs both --task DIAMETER,CONTRAST and a uniform --nps-box.")
    distance, zoom = read_numbers("--viewing", viewing, "MM,ZOOM").groups[0]
    boxes = tuple(Box(np.array(centre), np.eye(3), np.array(size)) for centre, size in places)
    return Tasks(tuple(discs), boxes, Viewing(distance_mm=distance, zoom=zoom))
