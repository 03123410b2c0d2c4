"""Transfer functions of real scanners: rods of a CatPhan 504, a sphere reconstructed with two kernels."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.measure.measured import Measured, NotMeasurable
from CTDenoiseLib.measure.resolution.edge_checks import SaturatedEdgeError
from CTDenoiseLib.measure.resolution.ttf_disc import disc_ttf

# Rods of the module CTP404 in sections 30 to 34, (y, x) in pixels.
RODS = {"Teflon": (151, 316), "Delrin": (254, 376), "LDPE": (255, 137), "PMP": (151, 196)}
AIR, ACRYLIC = (134, 256), (358, 317)


@pytest.fixture(scope="module")
def catphan(catphan_folder):
    volume = read_series(find_series(catphan_folder).series[0])
    return volume.hu[30:35], volume.geometry.spacing[1:]


@pytest.fixture(scope="module")
def rods(catphan):
    sections, spacing = catphan
    return {
        name: disc_ttf(sections, pixel_spacing=spacing, radius_mm=6.1, centre=place) for name, place in RODS.items()
    }


def test_rods_of_all_materials_show_the_resolution_of_the_one_scanner(rods):
    best = rods["Teflon"]
    assert best.f50.uncertainty < 0.02 * best.f50.value
    for ttf in rods.values():
        assert ttf.f50.value == pytest.approx(best.f50.value, abs=2.5 * ttf.f50.uncertainty)
        assert ttf.f10.value == pytest.approx(best.f10.value, abs=2.5 * ttf.f10.uncertainty)


def test_the_rods_are_as_thick_as_they_are_made(rods):
    for ttf in rods.values():
        assert 2 * ttf.found.radius_mm == pytest.approx(12.2, abs=0.2)


def test_contrast_to_acrylic_is_that_of_the_materials(rods):
    assert rods["Teflon"].contrast_hu > 800
    assert 200 < rods["Delrin"].contrast_hu < 280
    assert -230 < rods["LDPE"].contrast_hu < -160
    assert -310 < rods["PMP"].contrast_hu < -250


def test_a_rod_of_little_contrast_is_not_measurable(catphan):
    ttf = disc_ttf(catphan[0], pixel_spacing=catphan[1], radius_mm=6.1, centre=ACRYLIC)
    assert isinstance(ttf.f50, NotMeasurable)


def test_air_that_is_cut_off_in_the_file_is_told(catphan):
    with pytest.raises(SaturatedEdgeError, match="cut off at -1000 HU"):
        disc_ttf(catphan[0], pixel_spacing=catphan[1], radius_mm=6.1, centre=AIR)


def test_the_sharp_kernel_is_sharper_than_the_smooth_one(real_data):
    def at_the_equator_of_the_sphere(kernel: str):
        volume = read_series(find_series(real_data("philips_head_phantom_kernel_pair") / kernel).series[0])
        spacing = volume.geometry.spacing[1:]
        return disc_ttf(np.asarray(volume.hu[36:38]), pixel_spacing=spacing, radius_mm=12.6, centre=(187, 204))

    sharp, smooth = (at_the_equator_of_the_sphere(kernel) for kernel in ("YA_sharp", "UB_smooth_iDose"))
    assert isinstance(sharp.f50, Measured)
    assert sharp.f50.value > 1.8 * smooth.f50.value
    assert sharp.f10.value > 1.6 * smooth.f10.value
