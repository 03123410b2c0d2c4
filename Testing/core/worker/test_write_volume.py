"""A result as a volume file."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK

from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.volume import Geometry
from CTDenoiseLib.volume_files import read_volume
from CTDenoiseLib.volume_stream import VolumeStreamError
from CTDenoiseLib.worker.export_messages import VolumeWritten, WriteVolume
from CTDenoiseLib.worker.job import JobState
from CTDenoiseLib.worker.messages import JobProgress
from CTDenoiseLib.worker.write_volume import run
from support.export_jobs import HeardDesk, lay_down

GEOMETRY = Geometry((2.0, 0.5, 0.7), (1.0, 2.0, 3.0), ((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0)))


@pytest.fixture
def ask(tmp_path, hu):
    def request(name, *, values=None, step_hu=1.0) -> WriteVolume:
        voxels = lay_down(tmp_path / "maps", hu if values is None else values, GEOMETRY, step_hu=step_hu)
        return WriteVolume(voxels=voxels, path=str(tmp_path / name))

    return request


@pytest.mark.parametrize("suffix", [".nrrd", ".nii.gz", ".mha"])
def test_every_voxel_is_there_in_its_place_in_16_bits(ask, hu, tmp_path, suffix):
    assert run(ask(f"out{suffix}"), HeardDesk().desk) == VolumeWritten(7)
    back = read_volume(tmp_path / f"out{suffix}")
    np.testing.assert_array_equal(back.hu, hu)
    np.testing.assert_allclose(back.geometry.origin, GEOMETRY.origin, atol=1e-5)
    np.testing.assert_allclose(back.geometry.direction, GEOMETRY.direction, atol=1e-6)
    assert SimpleITK.ReadImage(str(tmp_path / f"out{suffix}")).GetPixelID() == SimpleITK.sitkInt16


def test_values_between_whole_hu_are_kept(ask, hu, tmp_path):
    run(ask("float.nrrd", values=hu.astype(np.float32) + np.float32(0.25)), HeardDesk().desk)
    np.testing.assert_array_equal(read_volume(tmp_path / "float.nrrd").hu, hu + 0.25)
    run(ask("steps.nrrd", step_hu=0.1), HeardDesk().desk)
    np.testing.assert_allclose(read_volume(tmp_path / "steps.nrrd").hu, hu * 0.1, rtol=1e-6)


def test_progress_counts_sections(ask):
    heard = HeardDesk()
    run(ask("out.mha"), heard.desk)
    assert [(one.done, one.total) for one in heard.of(JobProgress)] == [(done, 9) for done in range(1, 10)]


def test_a_cancelled_job_leaves_nothing(ask, tmp_path):
    heard = HeardDesk()
    heard.cancel_at(JobProgress)
    with pytest.raises(Cancelled):
        run(ask("out.nrrd"), heard.desk)
    assert [entry.name for entry in tmp_path.iterdir()] == ["maps"]


def test_a_name_without_a_format_is_refused(ask):
    with pytest.raises(VolumeStreamError, match="says no format"):
        run(ask("out"), HeardDesk().desk)


def test_the_worker_writes_it(own_bench, ask, hu, tmp_path):
    job = own_bench.finish(own_bench.client.run(ask("out.nrrd")))
    assert job.state is JobState.DONE
    np.testing.assert_array_equal(read_volume(tmp_path / "out.nrrd").hu, hu)
