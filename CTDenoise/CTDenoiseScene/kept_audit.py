"""The verdict of the residual audit, kept on the output node: saved with the scene, and outdated once voxels change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from CTDenoiseLib.measure.audit.residual_audit import Audit
from CTDenoiseLib.measure.sampling import evenly_spread
from CTDenoiseLib.worker.codec import from_plain, to_plain
from CTDenoiseLib.worker.measure_messages import Audited
from CTDenoiseLib.worker.message_base import ProtocolError

from .provenance import ATTRIBUTE_PREFIX
from .results import Results
from .voxels import voxels_of

if TYPE_CHECKING:
    import slicer

_LEVEL = f"{ATTRIBUTE_PREFIX}audit"
_RECORD = f"{ATTRIBUTE_PREFIX}audit.record"
_EVERY_ROW = 16


@dataclass(frozen=True, eq=False)
class KeptAudit:
    """An audit that was made earlier.

    Attributes:
        audit: Without its spectra.
        is_outdated: Whether strength or voxels have changed since.
    """

    audit: Audit
    is_outdated: bool


@dataclass(frozen=True)
class _Record:
    """What the attribute holds, as JSON."""

    audited: Audited
    strength: float
    voxels: str


@dataclass(frozen=True)
class ResultState:
    """What an audit holds for.

    Attributes:
        strength: Of the result.
        voxels: A check sum of a sample of input and output.
    """

    strength: float
    voxels: str

    @classmethod
    def of(cls, results: Results) -> ResultState:
        """As it is now. Reads every 16th row of 24 sections: 2 ms for two volumes of 1024² × 500."""
        found = 0
        for node in (results.input, results.output):
            voxels = voxels_of(node)
            if voxels is not None:
                found = crc32(f"{voxels.shape}{voxels.dtype}".encode(), found)
                for index in evenly_spread(len(voxels)):
                    found = crc32(np.ascontiguousarray(voxels[index, ::_EVERY_ROW]), found)
        return cls(results.strength, f"{found:08x}")


def store_audit(output: slicer.vtkMRMLVolumeNode, audited: Audited, state: ResultState) -> None:
    """Keep an audit on the output of a run.

    The attribute "CTDenoise.audit" holds its level, "CTDenoise.audit.record" all figures with their sentences as JSON,
    so that whoever opens the scene elsewhere can read them.

    Args:
        output: The output of the run.
        audited: What the worker found.
        state: What it holds for: as it was when the voxels were copied.
    """
    record = to_plain(_Record(audited, state.strength, state.voxels))
    output.SetAttribute(_RECORD, json.dumps(record, ensure_ascii=False, allow_nan=False))
    output.SetAttribute(_LEVEL, audited.audit().level.value)


def read_audit(output: slicer.vtkMRMLVolumeNode) -> KeptAudit | None:
    """The audit kept on an output, also after its scene was saved and loaded; `None` if there is none."""
    text, results = output.GetAttribute(_RECORD), Results.of(output)
    if text is None or results is None:
        return None
    try:
        record = from_plain(_Record, json.loads(text))
    except (ValueError, ProtocolError):
        # Of another version.
        return None
    return KeptAudit(record.audited.audit(), ResultState.of(results) != ResultState(record.strength, record.voxels))
