"""DICOM headers of loaded volumes, from the database that is open in Slicer at the moment."""

from __future__ import annotations

from typing import Any

import slicer


class SlicerHeaders:
    """A `CTDenoiseScene.headers.HeaderSource`; it knows nothing while no database is open."""

    def value(self, instance_uid: str, tag: str) -> str:
        """The attribute as text, values separated by backslashes; empty where it is missing."""
        database = _database()
        return "" if database is None else str(database.instanceValue(instance_uid, tag))

    def file(self, instance_uid: str) -> str:
        """Path of the instance's file; empty where there is none."""
        database = _database()
        return "" if database is None else str(database.fileForInstance(instance_uid))


def _database() -> Any:
    """The database that is open; the user may open another one at any time."""
    database = getattr(slicer, "dicomDatabase", None)
    return database if database is not None and database.isOpen else None
