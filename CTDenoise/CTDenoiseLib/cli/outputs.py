"""What a run writes: all of it made beside its place, and moved there together at the very end, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..atomic import file_in_the_making, folder_in_the_making
from ..dicom.derivation import Derivation
from ..dicom.derived_attributes import is_ours
from ..dicom.write import write_derived_series
from ..volume import Volume
from ..volume_files import is_volume_file, write_volume
from .measurements import Measurements
from .request import RunRequest
from .source import InputVolume, Source
from .spool import SectionSpool

if TYPE_CHECKING:
    from ..inference import DenoisedSection


@dataclass(frozen=True)
class Places:
    """Hidden places in which to make the outputs."""

    output: Path
    residual: Path | None
    report: Path | None


@dataclass(frozen=True)
class Written:
    """An output that was made.

    Attributes:
        series_uid: Of a DICOM series, `None` for a volume file.
        clipped_voxels: Voxels that did not fit into the file's numbers.
    """

    series_uid: str | None
    clipped_voxels: int


@contextmanager
def outputs_in_the_making(request: RunRequest) -> Iterator[Places]:
    """Check that all outputs may be written and give places to make them; they appear when the block ends well.

    Raises:
        OutputExistsError: One exists and may not be replaced.
        WriteFailedError: A disk is full or a place not writable.
    """
    with ExitStack() as stack:

        def enter(path: Path) -> Path:
            if is_volume_file(path) or path == request.report:
                return stack.enter_context(file_in_the_making(path, overwrite=request.overwrite))
            return stack.enter_context(folder_in_the_making(path, overwrite=request.overwrite, replaceable=is_ours))

        # The last one entered is moved first, and a folder can still fail then (somebody filled it meanwhile).
        report = None if request.report is None else enter(request.report)
        residual = None if request.residual is None else enter(request.residual)
        yield Places(enter(request.output), residual, report)


@dataclass(frozen=True)
class OutputFiles:
    """Writes output and residual from one pass of the denoiser.

    Attributes:
        request: What was asked for.
        source: What was read.
        volume: Its sections.
        derivation: How the output comes about, which DICOM output says.
        places: Where to make the files.
    """

    request: RunRequest
    source: Source
    volume: InputVolume
    derivation: Derivation
    places: Places

    def write(self, sections: Iterator[DenoisedSection], measurements: Measurements) -> Written:
        """Write the sections as they come, and what was subtracted from them afterwards."""
        output, residual = self.places.output, self.places.residual
        if residual is None:
            with closing(measurements.follow(sections, None)) as passed:
                return self._write_one(passed, output, "denoised")
        rows, columns = self.volume.shape[1:]
        with SectionSpool(residual.parent, (rows, columns)) as spool:
            with closing(measurements.follow(sections, spool)) as passed:
                written = self._write_one(passed, output, "denoised")
            self._write_one(spool.sections(), residual, "residual")
        return written

    def _write_one(
        self,
        sections: Iterable[tuple[int, NDArray[np.float32]]],
        place: Path,
        kind: Literal["denoised", "residual"],
    ) -> Written:
        if self.source.series is not None and not is_volume_file(place):
            derived = write_derived_series(
                self.source.series,
                sections,
                place,
                derivation=replace(self.derivation, kind=kind),
                compression=self.request.compression,
                keep_private=self.request.keep_private,
            )
            return Written(derived.uid, derived.clipped_voxels)
        hu = np.empty(self.volume.shape, np.float32)
        for index, section in sections:
            hu[index] = section
        write_volume(Volume(hu, self.volume.geometry, self.volume.acquisition), place)
        return Written(None, 0)
