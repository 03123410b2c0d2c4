"""CT that anybody can get, in Slicer's module Sample Data: the samples of `ctdenoise sample`, loaded as volumes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.samples import SAMPLES
from CTDenoiseLib.worker.transport import worker_command

from .qprocess_transport import QProcessTransport

CATEGORY = "CT Denoise"
_ICONS = Path(__file__).resolve().parent.parent / "Resources" / "Icons"
_LOOK_AGAIN_MS = 20


class SampleDataError(CTDenoiseError):
    """A sample could not be fetched or loaded."""


@dataclass(frozen=True)
class SampleVolume:
    """An entry of Sample Data.

    Attributes:
        name: In Sample Data, and of the volume node.
        sample: Key of `CTDenoiseLib.samples.SAMPLES`.
        file: The file of the sample that is loaded; empty for its largest DICOM series.
        icon: File name of its picture.
    """

    name: str
    sample: str
    file: str
    icon: str


SAMPLE_VOLUMES = (
    SampleVolume("CatPhan phantom", "catphan", "", "SampleCatPhan.png"),
    SampleVolume("Chest CT", "lung", "lung1_image.nrrd", "SampleChest.png"),
)


def register_sample_data() -> None:
    """Add the entries to Sample Data; to be called when Slicer has started."""
    import SampleData

    for volume in SAMPLE_VOLUMES:
        SampleData.SampleDataLogic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=volume.name,
            # Pip finds the package by its name; there is no address to give.
            uris="",
            fileNames=volume.sample,
            nodeNames=volume.name,
            customDownloader=_downloader(volume),
            thumbnailFileName=str(_ICONS / volume.icon),
        )


def load_sample(volume: SampleVolume) -> Any:
    """Fetch a sample unless it is in Slicer's cache, load it and show it.

    The window lives on meanwhile, behind a dialog that can cancel. A DICOM series is added to Slicer's DICOM database
    where one is open, so that its headers are at hand.

    Returns:
        The volume node, `None` when the user cancelled.

    Raises:
        SampleDataError: It could not be downloaded or loaded.
    """
    folder = _cache_folder() / f"CTDenoise-{volume.sample}-{SAMPLES[volume.sample].sha256[:12]}"
    if not folder.is_dir() and not _fetch(volume, folder):
        return None
    if volume.file:
        node = _load_file(str(folder / volume.file), {"name": volume.name})
    else:
        node = _load_series(folder, volume.name)
    if node is None:
        text = _("The sample “{name}” in {folder} could not be loaded; delete that folder and try again.")
        raise SampleDataError(text.format(name=volume.name, folder=folder))
    return node


def _downloader(volume: SampleVolume) -> Callable[[Any], None]:
    def download(_source: Any) -> None:
        with slicer.util.tryWithErrorDisplay(_("The sample could not be loaded.")):
            load_sample(volume)

    return download


def _cache_folder() -> Path:
    """Where Slicer keeps downloads, and from where the user can have them removed in its settings."""
    return Path(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory())


def _fetch(volume: SampleVolume, folder: Path) -> bool:
    """Download in a process of its own; False when the user cancelled."""
    _program, environment = worker_command(sys.executable)
    program = (sys.executable, "-m", "CTDenoisePanel.fetch_sample", volume.sample, str(folder))
    outcome: list[tuple[int | None, str]] = []
    process = QProcessTransport(program, environment)
    process.on_end = lambda code, last_words: outcome.append((code, last_words))
    text = _("Downloading the sample “{name}” …").format(name=volume.name)
    dialog = slicer.util.createProgressDialog(maximum=0, labelText=text, windowTitle=CATEGORY)
    dialog.setModal(True)
    dialog.show()
    process.start()
    cancelled = False
    while not outcome:
        slicer.app.processEvents()
        if dialog.wasCanceled and not cancelled:
            cancelled = True
            process.send(b"cancel\n")
        qt.QThread.msleep(_LOOK_AGAIN_MS)
    dialog.close()
    code, last_words = outcome[0]
    if code != 0 and not cancelled:
        raise SampleDataError(last_words or _("The download ended unexpectedly; try again."))
    return code == 0


def _load_series(folder: Path, name: str) -> Any:
    """The largest series in a folder, through the DICOM database where there is one."""
    from CTDenoiseLib.dicom.find import find_series

    series = max(find_series(folder).series, key=lambda found: len(found.slices), default=None)
    if series is None:
        return None
    if slicer.dicomDatabase is None or not slicer.dicomDatabase.isOpen:
        files = [str(section.path) for section in series.slices]
        return _load_file(files[0], {"name": name, "fileNames": files})
    from DICOMLib import DICOMUtils

    DICOMUtils.importDicom(str(folder), slicer.dicomDatabase, copyFiles=True)
    node_ids = DICOMUtils.loadSeriesByUID([series.uid])
    if not node_ids:
        return None
    node = slicer.mrmlScene.GetNodeByID(node_ids[0])
    node.SetName(name)  # a series without a description would have none that says anything
    return node


def _load_file(path: str, properties: dict[str, Any]) -> Any:
    try:
        node = slicer.util.loadVolume(path, properties)
    except RuntimeError:
        return None
    # A saved scene shall keep the voxels itself: the cache may be emptied.
    slicer.mrmlScene.RemoveNode(node.GetStorageNode())
    node.SetAndObserveStorageNodeID(None)
    return node
