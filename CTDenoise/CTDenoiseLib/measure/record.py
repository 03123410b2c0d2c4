"""What was measured, on which images and how: a record to keep beside the figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from .. import __version__
from .result_table import ResultTable, json_ready


@dataclass(frozen=True, kw_only=True)
class ImageIdentity:
    """Which image was measured; `None` where it is not known or does not apply.

    Attributes:
        name: As in the tables.
        study_uid: DICOM Study Instance UID.
        series_uid: DICOM Series Instance UID.
        file: Path or name of the file it was read from.
        model: Name of the model that made it, for a denoised image.
        model_version: Of that model.
        weights_sha256: SHA-256 of the model's weights.
        strength: Share of the predicted noise that was subtracted, 0 to 1.
    """

    name: str
    study_uid: str | None = None
    series_uid: str | None = None
    file: str | None = None
    model: str | None = None
    model_version: str | None = None
    weights_sha256: str | None = None
    strength: float | None = None


@dataclass(frozen=True, kw_only=True)
class MeasurementRecord:
    """Figures with everything that is needed to obtain them again.

    Attributes:
        images: What was measured, in the order of columns.
        settings: How, such as {"width in mm": 2.0}.
        tables: The figures.
        notes: Sentences that belong to them: definitions, warnings, what could not be measured.
    """

    images: tuple[ImageIdentity, ...]
    settings: Mapping[str, str | float | int | bool | None] = field(default_factory=dict)
    tables: tuple[ResultTable, ...] = ()
    notes: tuple[str, ...] = ()

    def content(self) -> dict[str, object]:
        """Ready for JSON, with the version of this software and its purpose."""
        return {
            "software": {"name": "CTDenoise", "version": __version__},
            "purpose": "Research use only. Not for clinical use.",
            "images": [{key: json_ready(value) for key, value in asdict(image).items()} for image in self.images],
            "settings": {key: json_ready(value) for key, value in self.settings.items()},
            "tables": [table.content() for table in self.tables],
            "notes": list(self.notes),
        }

    def json(self) -> str:
        """As text, UTF-8 characters kept, with a line break at the end."""
        return json.dumps(self.content(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
