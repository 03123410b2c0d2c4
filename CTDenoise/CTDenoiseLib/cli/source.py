"""Where images are read from: one DICOM series of a folder, or a volume file."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..dicom.arriving import ArrivingVolume
from ..dicom.choose import choose_series
from ..dicom.errors import NoSeriesError
from ..dicom.find import find_series
from ..dicom.read import read_series
from ..dicom.series import LeftOut, Series
from ..measure.sampling import MeasurableVolume
from ..volume import Acquisition, Volume
from ..volume_files import is_volume_file, read_volume

if TYPE_CHECKING:
    from .request import RunRequest


class InputVolume(MeasurableVolume, Protocol):
    """What a run denoises: a `Volume`, or one whose sections are still to come."""

    @property
    def acquisition(self) -> Acquisition:
        """What the source says about scan and reconstruction."""

    @property
    def has_padding(self) -> bool:
        """Whether any section may declare a padding value."""


@dataclass(frozen=True)
class Source:
    """What is read.

    Attributes:
        path: The volume file, or the folder that was searched.
        series: The chosen series, `None` for a volume file.
        left_out: Files in the folder that belong to no series.
    """

    path: Path
    series: Series | None
    left_out: tuple[LeftOut, ...]

    def read(self) -> Volume:
        """Read it into memory, with the errors of `read_series` and `read_volume`."""
        return read_volume(self.path) if self.series is None else read_series(self.series)

    def reading(self) -> AbstractContextManager[InputVolume]:
        """A block in which it is read into memory, with the errors of `read_volume` and `ArrivingVolume`.

        A volume file is read when this is called. The sections of a series come in the block, one by one.
        """
        if self.series is None:
            return nullcontext(read_volume(self.path))
        # The libraries of the network are loaded meanwhile.
        return ArrivingVolume(self.series, elsewhere=True)

    def label(self, volume: InputVolume) -> str:
        """What it is, without names of people or files."""
        if self.series is not None:
            return str(self.series)
        sections, rows, columns = volume.shape
        z, y, x = volume.geometry.spacing
        matrix = f"{rows}²" if rows == columns else f"{columns}×{rows}"
        pixel = f"{x:.2f}" if f"{x:.2f}" == f"{y:.2f}" else f"{x:.2f}×{y:.2f}"
        return f"Volume file · {z:.2f} mm · {pixel} mm · {matrix} · {sections} slices"


def find_source(request: RunRequest) -> Source:
    """Find what a run reads, with the errors of `find_image`."""
    return find_image(request.source, series=request.series)


def find_image(path: Path, *, series: str | None = None) -> Source:
    """Find the series or the volume file; a single DICOM file stands for its series in the same folder.

    Args:
        path: Of a volume file, a folder with DICOM files, or one DICOM file.
        series: UID, kernel or number of the series, if the folder holds several.

    Raises:
        SeriesError: No series, or several and none is named.
    """
    if is_volume_file(path):
        return Source(path, None, ())
    if path.is_dir():
        search = find_series(path)
        return Source(path, choose_series(search, series), search.left_out)
    return _series_of_file(path)


def _series_of_file(path: Path) -> Source:
    search = find_series(path.parent)
    for series in search.series:
        if any(section.path.name == path.name and section.path.samefile(path) for section in series.slices):
            return Source(path.parent, series, search.left_out)
    for file in search.left_out:
        if file.path.name == path.name:
            raise NoSeriesError(f"{path.name} is no CT image: {file.reason}; name a CT image or a folder of them.")
    raise NoSeriesError(f"{path.name} belongs to no image series; name a CT image or a folder of them.")
