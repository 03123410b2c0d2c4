from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.volume import Acquisition, Geometry, Volume
from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.noise.make_noise_maps import make_noise_maps
from CTDenoiseTrainLib.noise.match_series import Subject
from support.thorax_phantom import as_volume, scanner_noise, thorax

SECTIONS = 8
FBP = Acquisition(kernel=("Qr89",), section_thickness=0.2, reconstruction="FBP")
ITERATIVE = Acquisition(kernel=("Qr89", "4"), section_thickness=0.2, reconstruction="iterative, strength 4")


@pytest.fixture
def filtered(rng) -> Volume:
    return replace(as_volume(thorax() + scanner_noise(rng, sections=SECTIONS)), acquisition=FBP)


@pytest.fixture
def iterative(filtered) -> Volume:
    """It keeps the anatomy and 40 % of the noise."""
    return replace(filtered, hu=0.6 * thorax() + np.float32(0.4) * filtered.hu, acquisition=ITERATIVE)


def fact(made, start: str) -> str:
    return next(value for name, value in made.facts if name.startswith(start))


def test_two_reconstructions_give_a_map_that_is_judged_and_described(filtered, iterative):
    made = make_noise_maps("reconstructions", [filtered, iterative])
    assert made.maps[0].noise.shape == filtered.shape
    assert made.geometry == filtered.geometry
    assert made.leakage.level == "none"
    assert made.warnings == ()
    assert fact(made, "Noise in flat") == f"{made.leakage.noise_hu:.1f} HU"
    assert made.leakage.noise_hu == pytest.approx(0.6 * 30, rel=0.05)
    # Sections of this noise are independent of each other.
    assert made.correlation.values == pytest.approx([0] * 6, abs=0.05)
    assert fact(made, "Anatomy").startswith("none")


def test_the_map_lies_at_the_common_sections(filtered, iterative):
    later = replace(iterative, hu=iterative.hu[3:].copy(), geometry=replace(iterative.geometry, origin=(0.0, 0.0, 6.0)))
    made = make_noise_maps("reconstructions", [filtered, later])
    assert made.geometry.origin == (0.0, 0.0, 6.0)
    np.testing.assert_array_equal(made.maps[0].noise, filtered.hu[3:] - later.hu)


def test_only_every_second_section_in_common_is_warned_of(filtered, iterative):
    coarse = replace(
        iterative, hu=iterative.hu[::2].copy(), geometry=replace(iterative.geometry, spacing=(4, 0.8, 0.8))
    )
    made = make_noise_maps("reconstructions", [filtered, coarse])
    assert made.geometry.spacing == (4, 0.8, 0.8)
    assert "4 mm apart" in made.warnings[0]


def test_a_reconstruction_that_is_blurred_is_warned_of(filtered):
    blurred = replace(filtered, hu=gaussian_filter(filtered.hu, (0, 0.8, 0.8)), acquisition=Acquisition())
    made = make_noise_maps("reconstructions", [filtered, blurred])
    assert made.leakage.level == "much"
    assert "not known" in made.warnings[0]
    assert made.warnings[1] == made.leakage.sentence


def test_two_scans_give_one_map_and_three_give_three(filtered, rng):
    others = [replace(filtered, hu=thorax() + scanner_noise(rng, sections=SECTIONS)) for _ in range(2)]
    assert len(make_noise_maps("repeated-scans", [filtered, others[0]]).maps) == 1
    made = make_noise_maps("repeated-scans", [filtered, *others])
    assert len(made.maps) == 3
    assert made.leakage.level == "none"
    assert made.leakage.noise_hu == pytest.approx(30, rel=0.05)


def test_one_series_gives_the_difference_of_its_sections(filtered):
    made = make_noise_maps("adjacent-sections", [filtered], apart=2)
    assert made.maps[0].noise.shape[0] == SECTIONS - 2
    assert made.leakage.noise_hu == pytest.approx(30, rel=0.05)
    assert made.warnings == ()


def test_sections_that_share_noise_are_warned_of(filtered, rng):
    white = scanner_noise(rng, sections=SECTIONS + 1)
    overlapping = replace(filtered, hu=thorax() + (white[1:] + white[:-1]) / np.float32(np.sqrt(2)))
    made = make_noise_maps("adjacent-sections", [overlapping], apart=1)
    assert "set sections_apart to 2 or more" in made.warnings[0]


def test_maps_can_lie_in_files(filtered, iterative, tmp_path):
    files = iter(("noise.npy", "weight.npy"))

    def allocate(shape):
        return np.lib.format.open_memmap(tmp_path / next(files), mode="w+", dtype=np.float32, shape=shape)

    in_files = make_noise_maps("reconstructions", [filtered, iterative], allocate=allocate).maps[0]
    assert isinstance(in_files.noise, np.memmap)
    in_memory = make_noise_maps("reconstructions", [filtered, iterative]).maps[0]
    np.testing.assert_array_equal(in_files.noise, in_memory.noise)
    np.testing.assert_array_equal(in_files.weight, in_memory.weight)


def test_bad_images_are_refused_in_a_sentence(filtered, iterative):
    other_kernel = replace(iterative, acquisition=replace(ITERATIVE, kernel=("Br56",)))
    thicker = replace(iterative, acquisition=replace(ITERATIVE, section_thickness=0.4))
    constant = Volume(np.full((SECTIONS, 256, 256), 40.0, np.float32), Geometry(spacing=(2.0, 0.8, 0.8)))
    for method, volumes, words in (
        ("reconstructions", [filtered], "two series"),
        ("reconstructions", [filtered, other_kernel], "kernels .* differ"),
        ("reconstructions", [filtered, thicker], "thickness"),
        ("reconstructions", [filtered, filtered], "one and the same"),
        ("adjacent-sections", [filtered, iterative], "need one series"),
        ("adjacent-sections", [replace(filtered, hu=filtered.hu[:3].copy())], "longer series"),
        ("adjacent-sections", [constant], "constant"),
        ("adjacent-sections", [replace(constant, hu=constant.hu - 1040)], "give no noise"),
        ("repeated-scans", [constant, constant], "give no noise"),
    ):
        with pytest.raises(DataError, match=words):
            make_noise_maps(method, volumes)


def test_reconstructions_that_seem_swapped_are_warned_of(filtered, iterative):
    assert any("swapped" in warning for warning in make_noise_maps("reconstructions", [iterative, filtered]).warnings)
    assert not make_noise_maps("reconstructions", [filtered, iterative]).warnings


def test_images_of_different_patients_are_refused(filtered, iterative):
    with pytest.raises(DataError, match="different patients"):
        make_noise_maps("reconstructions", [filtered, iterative], subjects=[Subject(patient="a"), Subject(patient="b")])


def test_a_small_image_is_not_refused_for_its_size(tiny_volume, rng):
    noisier = replace(tiny_volume, hu=tiny_volume.hu + 20 * rng.standard_normal(tiny_volume.shape).astype(np.float32))
    assert make_noise_maps("repeated-scans", [tiny_volume, noisier]).leakage.level != "much"


def test_two_sections_of_a_water_phantom_are_no_repeats(real_data):
    first, second = (read_series(series) for series in find_series(real_data("ge_water_phantom")).series[:2])
    with pytest.raises(DataError, match="no section in common"):
        make_noise_maps("repeated-scans", [first, second])


def test_kernels_of_a_head_phantom_are_refused_by_name_and_found_out_without(real_data):
    folder = real_data("philips_head_phantom_kernel_pair")
    smooth, sharp = (read_series(replace(series, slices=series.slices[10:16])) for series in find_series(folder).series)
    with pytest.raises(DataError, match="YA and UB"):
        make_noise_maps("reconstructions", [sharp, smooth])
    nameless = [replace(volume, acquisition=replace(volume.acquisition, kernel=())) for volume in (sharp, smooth)]
    assert make_noise_maps("reconstructions", nameless).leakage.level == "much"
