"""A series as a volume whose sections arrive one by one: used from the first one on, while the others are decoded."""

from __future__ import annotations

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from ..errors import Cancelled
from ..volume import Volume
from .decoders import Decoders
from .grid import series_geometry
from .pixels import Frame
from .quiet import quiet_pydicom
from .series import Series


class ArrivingVolume:
    """A volume that is read within a `with` block and waits for the sections it is asked for.

    Threads decode the files in the order of the sections, straight into their places, each image rescaled with its own
    slope and intercept (0028,1052 and 1053). Memory beyond the volume is about one section a thread. What is wrong with
    any of the files is raised by whatever is asked next, of any section.

    Args:
        series: What `find_series` found.
        hu: Where the values go, float32, shape (z, y, x); new memory if `None`.
        elsewhere: Whether other processes decode compressed pixels from the first file on, unless these are few: for
            callers that have work for this process meanwhile.

    Attributes:
        shape: Number of sections, rows and columns.
        geometry: Where the voxels lie.
        acquisition: How they came about.
        has_padding: Always true: a section that is still to come may declare a padding value.

    Raises:
        SeriesError: The images are no sections of one volume, with the errors of `series_geometry`.

    Example:
        ```
        with ArrivingVolume(series) as volume:
            for index in range(volume.shape[0]):
                use(volume.section(index))
        ```
    """

    has_padding = True

    def __init__(self, series: Series, hu: NDArray[np.float32] | None = None, *, elsewhere: bool = False) -> None:
        self.geometry = series_geometry(series)
        self.acquisition = series.acquisition
        self.shape = (len(series.slices), series.rows, series.columns)
        self._series = series
        self._hu = np.empty(self.shape, np.float32) if hu is None else hu
        self._padding = np.full((len(series.slices), 2), np.nan, np.float32)
        self._there = np.zeros(len(series.slices), bool)
        self._error: BaseException | None = None
        self._news = threading.Condition()
        self._decoders = Decoders(series, elsewhere=elsewhere)
        self._threads = ThreadPoolExecutor(self._decoders.threads, thread_name_prefix="decode")
        self._quiet = quiet_pydicom()

    def __enter__(self) -> ArrivingVolume:
        self._quiet.__enter__()
        files: dict[Path, dict[Frame, int]] = defaultdict(dict)
        for index, section in enumerate(self._series.slices):
            files[section.path][section.frame] = index
        for path, places in files.items():
            self._threads.submit(self._read, path, places)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._fail(Cancelled("The reading of the series was ended."))
        self._decoders.close()
        self._threads.shutdown(cancel_futures=True)
        self._quiet.__exit__(None, None, None)

    def is_there(self, index: int) -> bool:
        """Whether a section has come, so that it can be had without waiting."""
        return bool(self._there[index])

    def section(self, index: int) -> NDArray[np.float32]:
        """HU of one section, shape (y, x), read-only, as soon as it is there.

        Raises:
            SeriesError: A file is damaged, or its values are no Hounsfield units.
        """
        self._wait_for(slice(index, index + 1))
        hu: NDArray[np.float32] = self._hu[index]
        hu.flags.writeable = False
        return hu

    def padding_mask(self, section: int) -> NDArray[np.bool_]:
        """Voxels of one section that hold no data, shape (y, x), with the errors of `section`."""
        hu = self.section(section)
        low, high = self._padding[section]
        if np.isnan(low):
            return np.zeros(hu.shape, bool)
        return np.asarray((hu >= low) & (hu <= high))

    def whole(self) -> Volume:
        """All of it when all is there, with the errors of `section`."""
        self._wait_for(slice(None))
        padding = self._padding if np.isfinite(self._padding).any() else None
        return Volume(self._hu, self.geometry, self.acquisition, padding)

    def _wait_for(self, sections: slice) -> None:
        there = self._there[sections]
        if self._error is None and there.all():
            return
        with self._news:
            self._news.wait_for(lambda: self._error is not None or there.all())
        # An error of another section counts: it will end the run in any case, the sooner the better.
        if self._error is not None and not self._there.all():
            raise self._error

    # In the threads that decode.

    def _read(self, path: Path, places: dict[Frame, int]) -> None:
        try:
            with closing(self._decoders.sections(path, tuple(places))) as sections:
                for section in sections:
                    if self._error is not None:
                        return
                    index = places[section.frame]
                    section.write_hu(self._hu[index], path)
                    if section.padding_hu is not None:
                        self._padding[index] = section.padding_hu
                    with self._news:
                        self._there[index] = True
                        self._news.notify_all()
        except BaseException as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        with self._news:
            self._error = self._error or error
            self._news.notify_all()
