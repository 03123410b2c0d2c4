"""Writes what was measured to a file that the user names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import qt
import slicer
from slicer.i18n import tr as _

from CTDenoiseLib.atomic import file_in_the_making
from CTDenoiseLib.errors import CTDenoiseError

if TYPE_CHECKING:
    from CTDenoiseLib.measure.record import MeasurementRecord

_CSV, _JSON = ".csv", ".json"


class UnknownKindOfFileError(CTDenoiseError):
    """The name of the file does not say what to write."""


def ask_path() -> Path | None:
    """Ask where to save; the dialog itself asks before a file is replaced."""
    answer = qt.QFileDialog.getSaveFileName(
        slicer.util.mainWindow(),
        _("Save the measurements"),
        _("measurements") + _CSV,
        _("Table (*.csv);;Table with what was measured and how (*.json)"),
    )
    return Path(answer) if answer else None


def save(record: MeasurementRecord, path: Path) -> Path:
    """Write a record, and return where: its tables as CSV, or all of it as JSON; a name without a suffix gets .csv.

    Raises:
        UnknownKindOfFileError: Of the suffix.
        OutputExistsError: A file has the name that the suffix was added to; nobody asked whether to replace it.
        WriteFailedError: Disk full, no permission, or another failure of the system.
    """
    chosen = path if path.suffix else path.with_name(path.name + _CSV)
    suffix = chosen.suffix.lower()
    if suffix not in (_CSV, _JSON):
        text = _("“{name}” is neither .csv nor .json; give the file one of these endings.")
        raise UnknownKindOfFileError(text.format(name=chosen.name))
    with file_in_the_making(chosen, overwrite=chosen == path) as file:
        file.write_bytes(_json(record) if suffix == _JSON else _csv(record))
    return chosen


def _json(record: MeasurementRecord) -> bytes:
    return record.json().encode("utf-8")


def _csv(record: MeasurementRecord) -> bytes:
    """With the mark by which Excel knows UTF-8, else it would garble mm⁻¹; an empty line parts tables."""
    return "\r\n".join(table.csv() for table in record.tables).encode("utf-8-sig")
