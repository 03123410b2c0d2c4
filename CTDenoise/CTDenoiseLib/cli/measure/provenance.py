"""By which model an image was made, as its DICOM header says."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pydicom

from ...dicom.derived_attributes import EQUIPMENT
from ...dicom.series import Series

# What `Derivation.contribution` writes.
_CONTRIBUTION = re.compile(
    r"Model (?P<model>\S+) (?P<version>\S+), weights SHA256 (?P<sha256>\w+), strength (?P<percent>[\d.]+) %"
)


@dataclass(frozen=True)
class Provenance:
    """How CTDenoise made an image.

    Attributes:
        kind: "denoised" or "residual".
        model: Name of the model.
        version: Its version.
        weights_sha256: SHA-256 of its weights.
        strength: Share of the predicted noise that was subtracted, 0 to 1.
    """

    kind: str
    model: str
    version: str
    weights_sha256: str
    strength: float


def provenance_of(series: Series | None) -> Provenance | None:
    """Read it from the first file of a series; `None` for volume files and for images that others made."""
    if series is None:
        return None
    wanted = ["DerivationDescription", "ContributingEquipmentSequence"]
    header = pydicom.dcmread(series.slices[0].path, stop_before_pixels=True, specific_tags=wanted)
    for equipment in header.get("ContributingEquipmentSequence") or ():
        made = _CONTRIBUTION.match(str(equipment.get("ContributionDescription", "")))
        if equipment.get("ManufacturerModelName") == EQUIPMENT and made:
            residual = str(header.get("DerivationDescription", "")).startswith("Residual")
            return Provenance(
                kind="residual" if residual else "denoised",
                model=made["model"],
                version=made["version"],
                weights_sha256=made["sha256"],
                strength=float(made["percent"]) / 100,
            )
    return None
