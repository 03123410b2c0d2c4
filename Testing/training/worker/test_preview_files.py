from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseTrainLib.validation.validator import Preview
from CTDenoiseTrainLib.worker.preview_files import write_preview


@pytest.fixture
def preview(rng) -> Preview:
    hu = rng.normal(size=(3, 3, 4, 5)).astype(np.float32)
    return Preview(hu[0], hu[1], hu[2], (1.0, 0.5, 0.25), "Sections 4 to 6 of patient A")


def test_the_files_hold_what_the_message_says(tmp_path, preview):
    ready = write_preview(tmp_path / "preview", preview, job=4, epoch=7)
    assert (ready.job, ready.epoch, ready.spacing) == (4, 7, preview.spacing)
    for file, hu in ((ready.input, preview.input), (ready.now, preview.now), (ready.target, preview.target)):
        np.testing.assert_array_equal(np.load(file), hu)
        assert np.load(file).dtype == np.float32


def test_without_a_target_there_is_no_file_of_one(tmp_path, preview):
    ready = write_preview(tmp_path / "preview", replace(preview, target=None), job=4, epoch=7)
    assert ready.target is None
    assert sorted(file.name for file in (tmp_path / "preview").iterdir()) == ["input.npy", "now.npy"]


def test_a_file_that_is_open_keeps_its_content_while_a_new_one_takes_its_place(tmp_path, preview):
    before = write_preview(tmp_path / "preview", preview, job=4, epoch=1)
    opened = np.load(before.now, mmap_mode="r")
    after = write_preview(tmp_path / "preview", replace(preview, now=preview.now + 1), job=4, epoch=2)
    assert after.now == before.now
    np.testing.assert_array_equal(opened, preview.now)
    np.testing.assert_array_equal(np.load(after.now), preview.now + 1)
    assert len(list((tmp_path / "preview").iterdir())) == 3
