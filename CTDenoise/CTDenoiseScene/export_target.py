"""What a result can be saved as."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from CTDenoiseLib.dicom.compression import Compression


@dataclass(frozen=True, kw_only=True)
class SaveSeries:
    """A DICOM series in the study of the input.

    Attributes:
        folder: Where the files go: new, empty, or (`overwrite`) holding nothing but older results.
        kind: "denoised" for the result, "residual" for what was subtracted from the input.
        compression: Of the pixels; all are lossless.
        keep_private: Whether private attributes of the source stay.
        overwrite: Whether older results in the folder may be replaced.
    """

    folder: Path
    kind: Literal["denoised", "residual"] = "denoised"
    compression: Compression = "none"
    keep_private: bool = False
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True)
class SaveVolume:
    """A volume file.

    Attributes:
        path: The file to be, ending in `.nrrd`, `.nii`, `.nii.gz` or `.mha`.
        overwrite: Whether an existing file may be replaced.
    """

    path: Path
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True)
class SaveReport:
    """The one-page report.

    Attributes:
        path: The file to be, ending in `.png` or `.pdf`.
        overwrite: Whether an existing file may be replaced.
    """

    path: Path
    overwrite: bool = False


Target = SaveSeries | SaveVolume | SaveReport
