from __future__ import annotations

import shutil

import numpy as np
import pytest

from CTDenoiseTrainLib.experiments.workbench import ExperimentError
from CTDenoiseTrainLib.experiments.zhang2024.pairs import ScanPairs
from CTDenoiseTrainLib.experiments.zhang2024.pictures import draw_pictures, field_of_view
from CTDenoiseTrainLib.experiments.zhang2024.scans import Scans
from CTDenoiseTrainLib.experiments.zhang2024.settings import TABLE_1, Resolution
from CTDenoiseTrainLib.simulate.attenuation import attenuation_of, hu_of
from CTDenoiseTrainLib.simulate.filtered_back_projection import reconstruct
from CTDenoiseTrainLib.simulate.kernels import RAM_LAK
from CTDenoiseTrainLib.simulate.projection import project
from CTDenoiseTrainLib.simulate.scan import ParallelScan

from .conftest import TINY

FINEST = TABLE_1[0]


def noise(scans: Scans, resolution: Resolution = FINEST, *, of: str = "inputs") -> np.ndarray:
    """Noise of the test pictures within the disc that all views see, in HU."""
    pictures = getattr(scans, of)("test", resolution) - scans.truth("test").astype(np.float64)
    return pictures[:, field_of_view(TINY.matrix)].ravel()


def test_without_noise_all_resolutions_give_the_same_hu(scans, chests):
    picture = draw_pictures(chests, "test", count=1, matrix=TINY.matrix, seed=TINY.seed)[0]
    scan = ParallelScan(views=TINY.views, rays=TINY.matrix, ray_spacing_mm=FINEST.pixel_mm)
    lines = project(attenuation_of(picture), pixel_mm=FINEST.pixel_mm, scan=scan)
    image = reconstruct(lines, scan=scan, kernel=RAM_LAK, matrix=TINY.matrix, pixel_mm=FINEST.pixel_mm)
    # The truth comes from the coarsest resolution; half precision is exact to 0.5 HU near -1000 and +1000 HU.
    np.testing.assert_allclose(scans.truth("test")[0].astype(np.float32), hu_of(image), atol=0.6)


def test_noise_of_the_label_is_that_of_five_times_the_photons(scans):
    # 6000 pixels, whose neighbours have noise in common: the ratio of variances is off by a few percent.
    assert noise(scans).var() / noise(scans, of="labels").var() == pytest.approx(5, rel=0.08)


def test_noise_of_input_and_label_have_nothing_in_common(scans):
    # Chance is 1 / sqrt(6000) = 0.013 for independent pixels.
    assert abs(np.corrcoef(noise(scans), noise(scans, of="labels"))[0, 1]) < 0.05


def test_noise_follows_pixel_size_and_photons(scans):
    # Almost nothing is absorbed in 64 pixels of 62.5 or 125 µm: noise in HU goes with 1 / (pixel · sqrt(photons)).
    expected = 2 * (TABLE_1[1].input_photons / FINEST.input_photons) ** 0.5
    assert noise(scans).std() / noise(scans, TABLE_1[1]).std() == pytest.approx(expected, rel=0.08)


def test_one_chest_alone_is_refused(open_bench, tmp_path, chest_folder):
    bench = open_bench(tmp_path / "experiment")
    bench.data = tmp_path / "one"
    bench.data.mkdir()
    shutil.copy(chest_folder / "lung1_image.nrrd", bench.data)
    with pytest.raises(ExperimentError, match="1 of the two chests"):
        Scans(bench, TINY).inputs("test", FINEST)


def test_scans_are_found_again(scans):
    before = scans.inputs("test", FINEST)
    scans.bench.watcher.stages.clear()
    np.testing.assert_array_equal(Scans(scans.bench, TINY).inputs("test", FINEST), before)
    assert scans.bench.watcher.stages == []


def test_preparing_leaves_nothing_to_scan(scans):
    scans.prepare()
    scans.bench.watcher.stages.clear()
    for resolution in TABLE_1:
        scans.inputs("training", resolution)
        scans.labels("training", resolution)
        scans.inputs("test", resolution)
    scans.labels("validation", FINEST)
    scans.truth("test")
    assert scans.bench.watcher.stages == []


def test_input_less_noise_is_the_label_at_the_same_place(rng):
    inputs = rng.normal(0, 100, (3, 40, 40)).astype(np.float16)
    labels = rng.normal(0, 100, (3, 40, 40)).astype(np.float16)
    batch = ScanPairs(inputs, labels, side=16, seed=0).draw(range(5))
    for section, noise in zip(batch.sections[:, 0].numpy(), batch.noise[:, 0].numpy(), strict=True):
        windows = np.lib.stride_tricks.sliding_window_view(inputs, (16, 16), axis=(1, 2))
        (place,) = np.argwhere((windows == section.astype(np.float16)).all(axis=(-2, -1)))
        picture, row, column = place
        # The difference of two half-precision numbers is exact in single precision.
        np.testing.assert_array_equal(section - noise, labels[picture, row : row + 16, column : column + 16])


def test_the_pair_of_a_number_is_always_the_same(rng):
    inputs, labels = rng.normal(0, 100, (2, 3, 40, 40)).astype(np.float16)
    pairs = ScanPairs(inputs, labels, side=16, seed=0)
    np.testing.assert_array_equal(pairs.draw([7, 3]).sections[1], pairs.draw([3]).sections[0])
    assert not np.array_equal(pairs.draw([7]).sections, pairs.draw([3]).sections)


def test_whole_pictures_are_drawn_when_a_square_is_as_large(rng):
    inputs = rng.normal(0, 100, (1, 40, 40)).astype(np.float16)
    batch = ScanPairs(inputs, inputs, side=40, seed=0).draw([0])
    np.testing.assert_array_equal(batch.sections[0, 0].numpy(), inputs[0].astype(np.float32))
