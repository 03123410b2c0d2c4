from __future__ import annotations

import sys

import numpy as np
import pytest

from CTDenoiseLib.atomic import WriteFailedError
from CTDenoiseTrainLib.worker.view_file import write_view_file


def test_any_values_become_float32_in_a_file_that_numpy_reads(tmp_path):
    file = write_view_file(tmp_path / "new" / "hu.npy", [np.full((2, 3), index) for index in range(4)])
    read = np.load(file)
    assert (read.shape, read.dtype) == ((4, 2, 3), np.float32)
    assert read[:, 0, 0].tolist() == [0, 1, 2, 3]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no files, which stands for a full disk here.")
def test_a_full_disk_is_told_and_leaves_the_file_before(tmp_path):
    import resource

    file = write_view_file(tmp_path / "hu.npy", np.ones((1, 8, 8)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**18, before[1]))
    try:
        with pytest.raises(WriteFailedError, match="disk is full"):
            write_view_file(tmp_path / "hu.npy", np.zeros((8, 128, 128)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert np.load(file).all()
