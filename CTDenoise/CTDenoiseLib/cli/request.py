"""What a run is asked for. Whether its paths and options make sense is known before any work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..dicom.compression import Compression
from ..errors import CTDenoiseError
from ..report.path import check_report_path
from ..volume_files import is_volume_file


class RequestError(CTDenoiseError):
    """Paths or options that do not go together."""


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """A run as the user asks for it.

    Attributes:
        source: Folder with DICOM files, one file of a DICOM series, or a volume file.
        output: Folder for a DICOM series, or a volume file.
        series: UID, kernel or number of the series, if the folder holds several.
        model: Name of the model, `None` for the default one.
        backend: Device by name, or "auto".
        precision: By name, or "auto".
        strength: Share of the predicted noise that is subtracted, 0 to 1.
        residual: Where to put what was subtracted: a folder or a volume file, as for `output`.
        report: Where to put the report, a PNG or PDF file.
        compression: Of DICOM output.
        keep_private: Whether private attributes of the source stay in DICOM output.
        overwrite: Whether older results may be replaced.

    Raises:
        CTDenoiseError: Paths are missing, the same, within each other, or do not fit each other or the options.
    """

    source: Path
    output: Path
    series: str | None = None
    model: str | None = None
    backend: str = "auto"
    precision: str = "auto"
    strength: float = 1.0
    residual: Path | None = None
    report: Path | None = None
    compression: Compression = "none"
    keep_private: bool = False
    overwrite: bool = False

    @property
    def from_volume_file(self) -> bool:
        """Whether the input is a volume file rather than DICOM."""
        return is_volume_file(self.source)

    def __post_init__(self) -> None:
        if not self.source.exists():
            raise RequestError(f"There is no {self.source}; check its name.")
        for what, path in (("output", self.output), ("residual", self.residual)):
            if path is not None:
                self._check_kind(what, path)
        if self.report is not None:
            check_report_path(self.report)
        self._check_options()
        self._check_places()

    def _check_kind(self, what: str, path: Path) -> None:
        if path.suffix.lower() in {".dcm", ".ima"}:
            raise RequestError(
                f"The {what} {path} would be a DICOM series, which is a folder; name it without a suffix."
            )
        if self.from_volume_file and not is_volume_file(path):
            raise RequestError(
                f"A DICOM series can be made from a DICOM series only; name a volume file, such as {path.name}.nrrd, "
                f"for the {what} of {self.source.name}."
            )

    def _check_options(self) -> None:
        if self.series is not None and not self.source.is_dir():
            raise RequestError(f"--series chooses among the series of a folder; leave it out for {self.source.name}.")
        dicom_only = self.compression != "none" or self.keep_private
        if dicom_only and is_volume_file(self.output):
            raise RequestError(
                f"--compression and --keep-private are for DICOM output; leave them out for {self.output.name}."
            )

    def _check_places(self) -> None:
        """No output may lie in the input, where it would be taken for input the next time, nor in another output."""
        places = [("input", self.source), ("output", self.output), ("residual", self.residual), ("report", self.report)]
        there = [(what, path.resolve()) for what, path in places if path is not None]
        for index, (what, path) in enumerate(there):
            for other, place in there[:index]:
                if path == place:
                    raise RequestError(f"The {what} and the {other} are both {path}; they need different places.")
                if place in path.parents:
                    raise RequestError(
                        f"The {what} {path} would lie inside the {other}; choose a place outside {place}."
                    )
                if path in place.parents and what != "report":
                    raise RequestError(f"The {other} {place} lies inside the {what} {path}; choose another place.")
