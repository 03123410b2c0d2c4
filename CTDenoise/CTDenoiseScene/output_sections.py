"""The sections of an output: input - strength · noise where the noise is known, blank elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from CTDenoiseLib.errors import CTDenoiseError

from .input_sections import InputError, InputSections
from .mapped_volume import MappedVolume
from .results import Results
from .voxels import voxels_of

if TYPE_CHECKING:
    import slicer
    from numpy.typing import NDArray

BLANK_HU = -1024
_INT16 = np.iinfo(np.int16)


class StrengthError(CTDenoiseError):
    """The strength of this volume cannot be changed, or there is no such strength."""


class Parts(NamedTuple):
    """Nodes and voxels of a result as they are now; the arrays have the shape (z, y, x)."""

    results: Results
    source: InputSections
    noise: NDArray[np.int16]
    output: NDArray[Any]


class OutputSections:
    """Computes sections of one output from the nodes it refers to, which may vanish at any time.

    Args:
        node: The output of a run.

    Raises:
        StrengthError: It is none, or its input or noise is gone or does not fit any more.
    """

    def __init__(self, node: slicer.vtkMRMLScalarVolumeNode) -> None:
        self._node = node
        self._in_hu = np.empty(self.parts().output.shape[1:], dtype=np.float32)

    def parts(self) -> Parts:
        """What a section is computed from, as it is now.

        Raises:
            StrengthError: Something is missing or does not fit.
        """
        name = f"“{self._node.GetName()}”"
        results = Results.of(self._node)
        if results is None:
            raise StrengthError(f"{name} is no volume that CTDenoise has denoised, or not in the scene any more.")
        if results.input is None or results.noise is None:
            what = "input" if results.input is None else "noise"
            raise StrengthError(
                f"The {what} of {name} is not in the scene any more; without it, {name} stays as it is."
            )
        try:
            source = InputSections(results.input)
        except InputError as error:
            raise StrengthError(str(error)) from error
        noise, output = voxels_of(results.noise), voxels_of(self._node)
        if noise is None or output is None or not source.shape == noise.shape == output.shape:
            raise StrengthError(f"{name}, its input and its noise differ in size; {name} stays as it is.")
        return Parts(results, source, noise, output)

    def show(self, index: int, strength: float) -> None:
        """Show a section at a strength, rounded and clipped where the output is int16.

        Raises:
            StrengthError: Something is missing or does not fit.
            InputError: The input has changed.
            TemporaryFileError: The disk is full or fails.
        """
        results, source, noise, output = self.parts()
        # In float32, which holds all of int16; a lookup table of the noise was measured to take twice the time.
        values: NDArray[Any] = self._in_hu
        np.multiply(noise[index], np.float32(strength * results.provenance.noise_step_hu), out=values)
        np.subtract(source.section(index), values, out=values)
        if output.dtype == np.int16:
            np.rint(values, out=values)
            np.clip(values, _INT16.min, _INT16.max, out=values)
            values = values.astype(np.int16)
        volume = MappedVolume.behind(self._node)
        if volume is None:
            output[index] = values
        else:
            volume.write(index, values)

    def never_written(self) -> list[int]:
        """Sections that hold nothing yet, not even blanks."""
        volume = MappedVolume.behind(self._node)
        if volume is None:
            return []
        return [index for index in range(len(volume.sections)) if index not in volume.written]

    def make_blank(self, index: int) -> bool:
        """Show -1024 HU in a section that holds nothing yet, and say whether it did.

        Raises:
            TemporaryFileError: The disk is full or fails.
        """
        volume = MappedVolume.behind(self._node)
        if volume is None or index in volume.written:
            return False
        volume.write(index, np.full(volume.sections.shape[1:], BLANK_HU, dtype=volume.sections.dtype))
        return True
