"""The three files of a run: the input as the worker reads it, the noise it finds, and the output."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.worker.messages import Denoise

from .input_feed import InputFeed
from .input_sections import InputSections
from .mapped_volume import MappedVolume

if TYPE_CHECKING:
    from CTDenoiseLib.worker.workplace import Workplace

    from .session_settings import DenoiseSettings

NOISE_STEP_HU = 0.1


@dataclass(frozen=True)
class RunFiles:
    """Files of the shape of the input. They take their room on the disk as sections are written.

    Attributes:
        shape: Sections, rows, columns.
        feed: Fills the file of the input.
        noise_path: File of the noise.
        noise: The noise, which the worker writes in steps of `NOISE_STEP_HU`.
        output: The output.
    """

    shape: tuple[int, int, int]
    feed: InputFeed
    noise_path: Path
    noise: MappedVolume
    output: MappedVolume

    @classmethod
    def create(cls, source: InputSections, workplace: Workplace) -> RunFiles:
        """Make the files for an input.

        Raises:
            WorkplaceError: The disk has no room.
        """
        run = uuid4().hex
        paths: dict[str, Path] = {}
        try:
            for what, dtype in (("input", source.dtype), ("noise", np.int16), ("output", source.dtype)):
                paths[what] = workplace.create_map(f"{run}-{what}", shape=source.shape, dtype=dtype)
        except CTDenoiseError:
            for path in paths.values():
                path.unlink()
            raise
        noise, output = MappedVolume(paths["noise"]), MappedVolume(paths["output"])
        return cls(source.shape, InputFeed(source, paths["input"]), paths["noise"], noise, output)

    def request(self, settings: DenoiseSettings, order: Iterable[int]) -> Denoise:
        """What to ask the worker for."""
        return Denoise(
            input=str(self.feed.path),
            noise=str(self.noise_path),
            shape=self.shape,
            order=tuple(order),
            noise_step_hu=NOISE_STEP_HU,
            modality=settings.modality,
            padding_hu=settings.padding_hu,
            ready=(),
        )
