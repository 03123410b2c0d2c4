"""An exam to compare: a smooth and a sharp reconstruction, and the sharp one denoised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from CTDenoiseScene.comparison import ComparisonVolumes
from CTDenoiseScene.comparison_layout import ComparisonLayout
from CTDenoiseScene.provenance import Provenance
from CTDenoiseScene.results import INPUT_ROLE, NOISE_ROLE

from .slicer_scene import SlicerScene

NOISE_STEP_HU = 0.1
SECTION_STEP_HU = 20  # each section is denser than the one below by this, so that a picture tells which one it shows
PROVENANCE = Provenance(
    model="hrcnn-small",
    version="1.0",
    weights_sha256="0" * 64,
    context=1,
    device="cpu",
    device_name="CPU",
    precision="fp32",
    noise_step_hu=NOISE_STEP_HU,
)


class HeaderTable:
    """Kernel and section thickness by instance UID; stands for Slicer's DICOM database behind a `HeaderSource`."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], str] = {}

    def add(self, node: Any, *, kernel: str, thickness: str, description: str = "") -> None:
        uid = f"1.2.{len(self._values)}"
        node.SetAttribute("DICOM.instanceUIDs", uid)
        values = {"0018,1210": kernel, "0018,0050": thickness, "0008,103E": description}
        self._values |= {(uid, tag): value for tag, value in values.items()}

    def value(self, instance_uid: str, tag: str) -> str:
        return self._values.get((instance_uid, tag), "")

    def file(self, instance_uid: str) -> str:
        return ""


@dataclass(frozen=True)
class ComparisonExam:
    """Nodes of the exam: 12 axial sections of 40 × 48 pixels of 1 mm, 2 mm apart."""

    parts: SlicerScene
    headers: HeaderTable
    smooth: Any
    sharp: Any
    output: Any
    noise: Any

    @property
    def volumes(self) -> ComparisonVolumes:
        return ComparisonVolumes(input=self.sharp, smooth=self.smooth, denoised=self.output, noise=self.noise)


def make_exam(parts: SlicerScene, *, ijk_to_ras: NDArray[np.float64] | None = None) -> ComparisonExam:
    """Adds the volumes to a scene."""
    rng = np.random.default_rng(0)
    clean = np.zeros((12, 40, 48)) + SECTION_STEP_HU * np.arange(12)[:, None, None]
    noise_hu = np.rint(rng.normal(0, 30, clean.shape))
    options = {"spacing": (2.0, 1.0, 1.0), "ijk_to_ras": ijk_to_ras}
    smooth = parts.add_volume((clean + 5).astype(np.int16), name="smooth", **options)
    sharp = parts.add_volume((clean + noise_hu).astype(np.int16), name="sharp", **options)
    output = parts.add_volume(clean.astype(np.int16), name="output", **options)
    noise = parts.add_volume((noise_hu / NOISE_STEP_HU).astype(np.int16), name="noise", **options)
    for node in (output, noise):
        PROVENANCE.store(node)
    output.SetAttribute("CTDenoise.strength", "1")
    output.SetAttribute("CTDenoise.sections", "0-11")
    output.SetNodeReferenceID(INPUT_ROLE, sharp.GetID())
    output.SetNodeReferenceID(NOISE_ROLE, noise.GetID())
    headers = HeaderTable()
    headers.add(smooth, kernel="Br56", thickness="1.0")
    headers.add(sharp, kernel="Qr89", thickness="1.0")
    return ComparisonExam(parts, headers, smooth, sharp, output, noise)


def labels(layout: ComparisonLayout) -> list[str]:
    """What the bars above the views say."""
    return [node.GetLayoutLabel() for node in layout.slice_nodes()]


def shown(layout: ComparisonLayout, parts: SlicerScene) -> list[str | None]:
    """Names of the volumes in the views."""
    logics = [parts.application_logic.GetSliceLogic(node) for node in layout.slice_nodes()]
    volumes = [logic.GetBackgroundLayer().GetVolumeNode() for logic in logics]
    return [volume and volume.GetName() for volume in volumes]
