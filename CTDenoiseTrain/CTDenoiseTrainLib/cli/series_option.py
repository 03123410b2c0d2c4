"""How a series is named on the command line: `NAME=PATH#SERIES` as for `ctdenoise measure`; only the path is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from CTDenoiseLib.cli.measure.address import Address
from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.errors import SeriesChoiceError, SeriesError
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.volume_files import is_volume_file

from ..errors import RecipeError
from ..recipe.content import SeriesFile

SERIES_HELP = "Folder with DICOM files (FOLDER#SERIES if it holds several), one image, or a volume (.nrrd ...)."

# Larger series than half of this are read into files, as the default of a recipe has it.
MEMORY_GB = 4.0


@dataclass(frozen=True)
class NamedSeries:
    """A series that is there.

    Attributes:
        file: Where it lies.
        name: What the user calls it, if anything.
    """

    file: SeriesFile
    name: str | None = None


def named_series(text: str) -> NamedSeries:
    """The series that a word of the command line names, found but not read.

    Raises:
        CTDenoiseError: There is no such file or folder, no series in it, or several and none is named.
    """
    address = Address.parse(text)
    file = SeriesFile(path=str(address.path), series=address.series)
    try:
        check_series(file, base=Path())
    except SeriesChoiceError as problem:
        raise RecipeError(
            f"{address.path}: {problem}\nWrite it behind the folder, such as {address.path}#1."
        ) from problem
    except SeriesError as problem:
        raise RecipeError(f"{address.path}: {problem}") from problem
    return NamedSeries(file, address.name)


def check_series(file: SeriesFile, *, base: Path) -> None:
    """See that a series can be found.

    Args:
        file: Where it lies.
        base: Folder that relative paths start from.

    Raises:
        CTDenoiseError: There is no such file or folder, no series in it, or several and none is named.
    """
    path = base / Path(file.path).expanduser()
    if not path.exists():
        raise RecipeError(f"There is no {path}; check its name.")
    if not is_volume_file(path):
        choose_series(find_series(path), file.series)
