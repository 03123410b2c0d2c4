"""Which images were measured, for the record: UIDs, file, and the model that made them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from CTDenoiseLib.measure.record import ImageIdentity

from .results import Results
from .scan_facts import scan_facts

if TYPE_CHECKING:
    import slicer

    from .headers import HeaderSource
    from .measured_volumes import MeasuredVolume


def identities(volumes: Iterable[MeasuredVolume], headers: HeaderSource | None) -> tuple[ImageIdentity, ...]:
    """Identity of each volume, under the name that its image has in tables.

    A volume that was denoised here has no UIDs of its own yet: it is named by those of the series it was made from,
    together with model, weights and strength.

    Args:
        volumes: What was measured.
        headers: Where DICOM headers are kept, if anywhere.
    """
    return tuple(_identity(volume.node, volume.image.name, headers) for volume in volumes)


def _identity(node: slicer.vtkMRMLScalarVolumeNode, name: str, headers: HeaderSource | None) -> ImageIdentity:
    facts, result = scan_facts(node, headers), Results.of(node)
    return ImageIdentity(
        name=name,
        study_uid=facts.study_uid,
        series_uid=facts.series_uid,
        file=_file_of(node),
        model=result.provenance.model if result is not None else None,
        model_version=result.provenance.version if result is not None else None,
        weights_sha256=result.provenance.weights_sha256 if result is not None else None,
        strength=result.strength if result is not None else None,
    )


def _file_of(node: slicer.vtkMRMLScalarVolumeNode) -> str | None:
    """Name of the file that a volume was read from or written to; its folder is nobody's business but the user's."""
    storage = node.GetStorageNode()
    path = storage.GetFileName() if storage is not None else None
    return Path(path).name if path else None
