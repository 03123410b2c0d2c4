"""Where a run reads from: one DICOM series of a folder, or a volume file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..dicom.choose import choose_series
from ..dicom.errors import NoSeriesError
from ..dicom.find import find_series
from ..dicom.read import read_series
from ..dicom.series import LeftOut, Series
from ..volume import Volume
from ..volume_files import read_volume
from .request import RunRequest


@dataclass(frozen=True)
class Source:
    """What a run reads.

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

    def label(self, volume: Volume) -> str:
        """What it is, without names of people or files."""
        if self.series is not None:
            return str(self.series)
        sections, rows, columns = volume.shape
        z, y, x = volume.geometry.spacing
        matrix = f"{rows}²" if rows == columns else f"{columns}×{rows}"
        pixel = f"{x:.2f}" if f"{x:.2f}" == f"{y:.2f}" else f"{x:.2f}×{y:.2f}"
        return f"Volume file · {z:.2f} mm · {pixel} mm · {matrix} · {sections} slices"


def find_source(request: RunRequest) -> Source:
    """Find the series or the volume file; a single DICOM file stands for its series in the same folder.

    Raises:
        SeriesError: No series, or several and none is named.
    """
    if request.from_volume_file:
        return Source(request.source, None, ())
    if request.source.is_dir():
        search = find_series(request.source)
        return Source(request.source, choose_series(search, request.series), search.left_out)
    return _series_of_file(request.source)


def _series_of_file(path: Path) -> Source:
    search = find_series(path.parent)
    for series in search.series:
        if any(section.path.name == path.name and section.path.samefile(path) for section in series.slices):
            return Source(path.parent, series, search.left_out)
    for file in search.left_out:
        if file.path.name == path.name:
            raise NoSeriesError(f"{path.name} cannot be denoised: {file.reason}; name a CT image or a folder of them.")
    raise NoSeriesError(f"{path.name} belongs to no image series; name a CT image or a folder of them.")
