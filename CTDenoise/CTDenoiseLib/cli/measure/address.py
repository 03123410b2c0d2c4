"""How the user names an image: `NAME=PATH#SERIES`, of which only the path is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import OptionError


@dataclass(frozen=True)
class Address:
    """Where an image is, and what to call it.

    Attributes:
        path: A folder, a DICOM file or a volume file; it exists.
        name: What tables call it; `None` to let the image tell.
        series: UID, kernel or number of the series, if the folder holds several.
    """

    path: Path
    name: str | None = None
    series: str | None = None

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address; a path that exists as it stands is a path, whatever signs it holds.

        Raises:
            OptionError: There is no such path, or a series is named that is not in a folder.
        """
        name, _, after = text.partition("=")
        candidates: list[tuple[str | None, str]] = [(None, text)]
        if name and after:
            candidates.append((name.strip(), after))
        for given, place in candidates:
            if Path(place).exists():
                return cls(Path(place), given)
            folder, sign, series = place.rpartition("#")
            if sign and Path(folder).is_file():
                raise OptionError(f"#{series} chooses among the series of a folder; leave it out for {folder}.")
            if sign and Path(folder).is_dir():
                return cls(Path(folder), given, series)
        raise OptionError(f"There is no {candidates[-1][1]}; check its name.")
