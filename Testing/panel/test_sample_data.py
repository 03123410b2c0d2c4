from __future__ import annotations

import importlib
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import numpy as np
import psutil
import pytest
import slicer
import slicer.util

from support.ct_series import make_ct_series

SLICERS_OWN = ".slicer-cache"


@pytest.fixture
def samples(slicer_host) -> ModuleType:
    return importlib.import_module("CTDenoisePanel.sample_data")


@pytest.fixture(autouse=True)
def cache(slicer_host, tmp_path) -> Path:
    """Slicer's folder for downloads."""
    folder = tmp_path / "cache"
    folder.mkdir()
    manager = slicer.vtkCacheManager()
    manager.SetRemoteCacheDirectory(str(folder))
    slicer.mrmlScene.SetCacheManager(manager)
    return folder


@pytest.fixture
def entry(samples) -> Callable[[str], object]:
    """An entry of Sample Data by its sample."""
    return lambda sample: next(volume for volume in samples.SAMPLE_VOLUMES if volume.sample == sample)


@pytest.fixture
def cached(samples, cache) -> Callable[[str], Path]:
    """The folder of a sample that was fetched before."""

    def folder(sample: str) -> Path:
        return cache / f"CTDenoise-{sample}-{samples.SAMPLES[sample].sha256[:12]}"

    return folder


@pytest.fixture
def no_package_index(monkeypatch) -> Callable[[str], None]:
    """Sends pip to another place than the package index."""

    def send_to(address: str) -> None:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            monkeypatch.delenv(name)
        settings = {"CONFIG_FILE": os.devnull, "INDEX_URL": address, "RETRIES": "0", "DEFAULT_TIMEOUT": "60"}
        for name, value in settings.items():
            monkeypatch.setenv(f"PIP_{name}", value)

    return send_to


def write_nrrd(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir()
    header = f"NRRD0004\ntype: int16\ndimension: 3\nsizes: {' '.join(map(str, values.shape[::-1]))}\n"
    space = "space: left-posterior-superior\nspace directions: (1,0,0) (0,1,0) (0,0,5)\nspace origin: (0,0,0)\n"
    path.write_bytes((header + space + "encoding: raw\nendian: little\n\n").encode() + values.astype("<i2").tobytes())


def test_every_sample_is_registered_with_a_picture_and_no_address(samples, slicer_host):
    samples.register_sample_data()
    sources = slicer_host.sample_data.sources
    assert {volume.sample for volume in samples.SAMPLE_VOLUMES} == set(samples.SAMPLES)
    assert len(sources) == len(samples.SAMPLES)
    for source in sources:
        assert source["category"] == "CT Denoise"
        assert source["uris"] == ""
        assert Path(source["thumbnailFileName"]).read_bytes().startswith(b"\x89PNG")
        assert callable(source["customDownloader"])


def test_a_fetched_volume_file_is_loaded_and_a_scene_will_keep_its_voxels(samples, entry, cached):
    hu = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
    write_nrrd(cached("lung") / "lung1_image.nrrd", hu)
    node = samples.load_sample(entry("lung"))
    assert node.GetName() == "Chest CT"
    assert np.array_equal(slicer.util.arrayFromVolume(node), hu)
    assert node.GetStorageNode() is None


@pytest.fixture
def phantom(cached) -> Path:
    """A DICOM series of 9 sections and one of 3."""
    make_ct_series(cached("catphan") / "scan")
    make_ct_series(cached("catphan") / "scout", sections=3, series_number=2)
    return cached("catphan")


def test_the_largest_dicom_series_goes_through_the_dicom_database(samples, entry, phantom):
    node = samples.load_sample(entry("catphan"))
    assert node.GetName() == "CatPhan phantom"
    assert slicer.util.arrayFromVolume(node).shape == (9, 48, 40)
    assert slicer.dicomDatabase.instanceValue(node.GetAttribute("DICOM.instanceUIDs").split()[0], "0018,1210") == "Qr89"


def test_without_a_dicom_database_the_series_is_read_from_its_files(samples, entry, phantom, slicer_host, monkeypatch):
    monkeypatch.setattr(slicer_host.database, "isOpen", False, raising=False)
    node = samples.load_sample(entry("catphan"))
    assert node.GetName() == "CatPhan phantom"
    assert slicer.util.arrayFromVolume(node).shape == (9, 48, 40)


@pytest.mark.parametrize("sample", ["catphan", "lung"])
def test_a_damaged_download_is_told_with_the_folder_to_delete(samples, entry, cached, sample):
    cached(sample).mkdir()
    with pytest.raises(samples.SampleDataError, match=r"could not be loaded; delete that folder") as error:
        samples.load_sample(entry(sample))
    assert str(cached(sample)) in str(error.value)


def test_a_download_that_fails_is_shown_once_in_words(samples, cache, no_package_index, slicer_host):
    no_package_index("http://127.0.0.1:9/simple")
    samples.register_sample_data()
    source = next(source for source in slicer_host.sample_data.sources if source["sampleName"] == "Chest CT")
    with pytest.raises(samples.SampleDataError):  # Slicer prints it besides
        source["customDownloader"](source)
    (message,) = slicer_host.user.messages
    assert "could not be downloaded" in message.text
    assert {path.name for path in cache.iterdir()} <= {SLICERS_OWN}


def test_cancelling_a_download_ends_pip_and_leaves_nothing(samples, entry, cache, no_package_index):
    import qt

    dialogs = []

    def cancel_once_pip_waits() -> None:
        open_ones = [widget for widget in qt.QApplication.topLevelWidgets() if isinstance(widget, qt.QProgressDialog)]
        if server.accept_one() and open_ones:
            dialogs.extend(open_ones)
            open_ones[0].cancel()
            watch.stop()

    with SilentServer() as server:
        no_package_index(f"http://127.0.0.1:{server.port}/simple")
        watch = qt.QTimer()
        watch.timeout.connect(cancel_once_pip_waits)
        watch.start(20)
        assert samples.load_sample(entry("lung")) is None
    assert "Chest CT" in dialogs[0].labelText
    assert {path.name for path in cache.iterdir()} <= {SLICERS_OWN}
    assert not [process for process in psutil.Process().children(recursive=True) if "pip" in process.cmdline()]


class SilentServer:
    """Accepts connections and says nothing."""

    def __enter__(self) -> SilentServer:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._connections = []
        return self

    @property
    def port(self) -> int:
        return self._socket.getsockname()[1]

    def accept_one(self) -> bool:
        """Whether somebody is connected."""
        with suppress(BlockingIOError):
            self._connections.append(self._socket.accept()[0])
        return bool(self._connections)

    def __exit__(self, *_: object) -> None:
        for connection in (*self._connections, self._socket):
            connection.close()


def test_the_real_samples_load(samples, entry, slicer_host, monkeypatch):
    monkeypatch.setattr(slicer_host.database, "isOpen", False, raising=False)
    try:
        node = samples.load_sample(entry("catphan"))
    except samples.SampleDataError as error:
        if "could not be downloaded" not in str(error):
            raise
        pytest.skip(f"The package index cannot be reached from here: {error}")
    hu = slicer.util.arrayFromVolume(node)
    assert hu.shape == (64, 512, 512)
    assert -50 < np.median(hu[30, 200:300, 200:300]) < 150
