from __future__ import annotations

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from scipy.ndimage import gaussian_filter, shift

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.dicom.series import Series
from CTDenoiseTrainLib.noise.adjacent_sections import adjacent_section_noise
from CTDenoiseTrainLib.noise.leakage import Leakage, anatomy_leakage
from CTDenoiseTrainLib.noise.noise_map import NoiseMap
from support.thorax_phantom import scanner_noise, thorax

SECTIONS = 6


@pytest.fixture
def anatomy() -> np.ndarray:
    return np.repeat(thorax()[np.newaxis], SECTIONS, axis=0)


def judge(noise: np.ndarray, anatomy: np.ndarray, weight: np.ndarray | None = None) -> Leakage:
    weight = np.ones(noise.shape, np.float32) if weight is None else weight
    return anatomy_leakage(NoiseMap(noise=noise.astype(np.float32), weight=weight), anatomy.astype(np.float32))


@pytest.mark.parametrize("sd", [5, 30, 200])
@pytest.mark.parametrize("uneven", [False, True])
def test_pure_noise_holds_no_anatomy_whatever_its_strength(anatomy, rng, sd, uneven):
    found = judge(scanner_noise(rng, sections=SECTIONS, sd=sd, uneven=uneven), anatomy)
    assert found.level == "none"
    assert found.edge_ratio == pytest.approx(1, abs=0.1)
    assert found.correlation < 0.2
    assert "No anatomy" in found.sentence


@pytest.mark.parametrize("sd", [30, 250])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.8])
def test_noise_that_an_iterative_method_kept_is_not_taken_for_anatomy(anatomy, rng, sd, kept):
    noise = scanner_noise(rng, sections=SECTIONS, sd=sd)
    found = judge((1 - kept) * noise, anatomy + kept * noise)
    assert found.level == "none"
    assert found.correlation < 0.15


def test_anatomy_is_found_beside_noise_that_an_iterative_method_kept(anatomy, rng):
    noise = scanner_noise(rng, sections=SECTIONS, sd=60)
    blurred = gaussian_filter(anatomy, (0, 0.7, 0.7))
    leaking = 0.5 * noise + anatomy - blurred
    in_clean_picture, in_noisy_picture = (judge(leaking, picture) for picture in (blurred, blurred + 0.5 * noise))
    assert in_noisy_picture.level == "much"
    assert in_noisy_picture.correlation == pytest.approx(in_clean_picture.correlation, abs=0.1)


def test_a_blurred_subtrahend_leaves_anatomy(anatomy, rng):
    noise = scanner_noise(rng, sections=SECTIONS)
    blurred = gaussian_filter(anatomy, (0, 0.5, 0.5))
    found = judge(anatomy + noise - blurred, blurred)
    assert found.level == "much"
    assert "learn to take it away" in found.sentence


def test_a_shift_by_a_fifth_of_a_pixel_leaves_anatomy_though_it_has_no_sign(anatomy, rng):
    noise = scanner_noise(rng, sections=SECTIONS)
    moved = shift(anatomy, (0, 0, 0.2), order=3, mode="nearest")
    assert judge(noise + moved - anatomy, anatomy).level == "much"


def test_edges_that_move_either_way_are_found(anatomy, rng):
    noise = scanner_noise(rng, sections=SECTIONS)
    wider = np.stack([np.asarray(thorax(blur=0.9))] * SECTIONS)
    signs = np.where(np.add.outer(np.arange(256) // 32, np.arange(256) // 32) % 2, 1, -1)
    assert judge(noise + 3 * signs * (wider - anatomy), anatomy).correlation > 0.2


def test_correlation_grows_with_the_share_of_anatomy(anatomy, rng):
    noise = scanner_noise(rng, sections=SECTIONS)
    leak = anatomy - gaussian_filter(anatomy, (0, 1, 1))
    found = [judge(noise + share * leak, anatomy).correlation for share in (0, 0.1, 0.2, 0.5)]
    assert found == sorted(found)
    assert found[-1] > 0.8


def test_anatomy_without_noise_is_found_for_what_it_is(anatomy):
    found = judge(anatomy - gaussian_filter(anatomy, (0, 0.3, 0.3)), anatomy)
    assert found.level == "much"
    assert found.correlation > 0.9


def test_what_the_weight_keeps_out_does_not_count(anatomy, rng):
    leaking = scanner_noise(rng, sections=SECTIONS)
    leaking[:, :, :128] += (anatomy - gaussian_filter(anatomy, (0, 1, 1)))[:, :, :128]
    weight = np.ones_like(leaking)
    assert judge(leaking, anatomy, weight).level == "much"
    # Smoothing carries the leak a few pixels on.
    weight[:, :, :134] = 0
    assert judge(leaking, anatomy, weight).level == "none"


def test_noise_in_flat_tissue_is_measured(anatomy, rng):
    # 10⁴ pixels and more in each of six sections, correlated over a few.
    assert judge(scanner_noise(rng, sections=SECTIONS), anatomy).noise_hu == pytest.approx(30, rel=0.05)


def test_where_there_is_no_body_nobody_is_told_that_all_is_well(rng):
    noise = scanner_noise(rng, sections=2, side=64)
    found = judge(noise, np.full(noise.shape, -1000.0))
    assert (found.level, found.correlation, found.edge_ratio) == ("some", None, None)
    assert "cannot be judged" in found.sentence


def test_the_same_map_is_judged_the_same_twice(anatomy, rng):
    noise = scanner_noise(rng, sections=SECTIONS)
    assert judge(noise, anatomy) == judge(noise, anatomy)


def test_true_noise_of_a_scanner_is_taken_for_noise(real_data):
    full, quarter = (real_data(f"mayo_dose_pairs/{dose}") for dose in ("full", "quarter"))
    files = sorted(full.glob("*.IMA"))
    assert len(files) == 21
    for start in ("L096_D45f", "L143_D45f", "L143_B30f"):
        clean = np.stack([_hu(file) for file in files if file.name.startswith(start)])
        noisy = np.stack(
            [_hu(quarter / file.name.replace("_FD", "_QD")) for file in files if file.name.startswith(start)]
        )
        found = judge(noisy - clean, clean)
        assert found.level == "none"
        assert found.correlation < 0.12
        assert 0.9 < found.edge_ratio < 1.05


def test_kernels_of_a_head_phantom_leave_anatomy(real_data):
    folder = real_data("philips_head_phantom_kernel_pair")
    smooth, sharp = (_some_sections(series, slice(None, None, 8)) for series in find_series(folder).series)
    found = judge(sharp - smooth, smooth)
    assert found.level == "much"
    assert found.correlation > 0.8


def test_sections_of_a_real_chest_leave_little_where_their_weight_lets_them_through(real_data):
    hu = _some_sections(find_series(real_data("nlst_chest_low_dose_fc51")).series[0], slice(60, 72))
    made = adjacent_section_noise(hu, apart=3)
    middle = (hu[3:] + hu[:-3]) / 2
    assert judge(made.noise, middle, made.weight).level == "some"
    assert judge(made.noise, middle).level == "much"


def _some_sections(series: Series, which: slice) -> np.ndarray:
    return read_series(replace(series, slices=series.slices[which])).hu


def _hu(path) -> np.ndarray:
    file = pydicom.dcmread(path)
    return file.pixel_array * float(file.RescaleSlope) + float(file.RescaleIntercept)
