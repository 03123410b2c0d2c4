from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.audit.edge_ratio import edge_masks
from CTDenoiseLib.measure.audit.tissue_classes import Tissue, TissueShiftMeter
from support.thorax_phantom import scanner_noise, thorax


@pytest.fixture(scope="module")
def anatomy():
    return thorax()


def shifts(before, after, *, without_data=None):
    meter = TissueShiftMeter()
    for one, other in zip(before, after, strict=True):
        masks = edge_masks(one)
        nowhere = np.zeros(one.shape, bool)
        meter.add(
            one,
            other,
            without_data=nowhere if without_data is None else without_data,
            flat=None if masks is None else masks.flat,
        )
    return {shift.tissue: shift for shift in meter.result()}


def test_every_tissue_of_a_thorax_is_found(anatomy):
    found = shifts([anatomy], [anatomy])
    assert list(found) == list(Tissue)
    assert found[Tissue.SOFT_TISSUE].mean_hu == pytest.approx(50, abs=5)
    assert all(shift.shift == 0 for shift in found.values())


def test_a_constant_shift_is_the_same_in_all_tissues(anatomy):
    found = shifts([anatomy], [anatomy + 4])
    assert [shift.shift for shift in found.values()] == pytest.approx([4] * 6, abs=1e-3)


def test_a_shift_of_one_tissue_is_that_of_this_tissue_alone(anatomy):
    lung = (anatomy > -950) & (anatomy < -500)
    found = shifts([anatomy], [anatomy + 10 * lung])
    # Voxels at the rim are half lung: sorting takes them in, and they did not change.
    assert found[Tissue.LUNG].shift == pytest.approx(10, abs=1.2)
    assert found[Tissue.SOFT_TISSUE].shift == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("sd", [30.0, 90.0])
@pytest.mark.parametrize("left", [0.0, 0.5])
def test_what_sorting_alone_does_is_foretold(sd, left):
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    organ = np.where(np.hypot(y, x) < 0.8, 145.0, -1000.0)
    noise = scanner_noise(np.random.default_rng(3), sections=8, sd=sd)
    found = shifts(organ + noise, organ + left * noise)
    # The organ lies 5 HU below a bound: noise sorts many of its voxels into the next class.
    bright = found[Tissue.CONTRAST_OR_SPONGY_BONE]
    assert bright.shift < -10 * bright.error
    assert bright.shift == pytest.approx(bright.from_noise, rel=0.1, abs=3 * bright.error)


def test_pure_noise_shifts_no_tissue_of_a_thorax_beyond_what_is_foretold(anatomy):
    noise = scanner_noise(np.random.default_rng(3), sections=12)
    for shift in shifts(anatomy + noise, anatomy + noise / 3).values():
        assert shift.shift == pytest.approx(shift.from_noise, abs=3.5 * shift.error)


def test_voxels_without_data_are_left_out(anatomy):
    upper = np.zeros(anatomy.shape, bool)
    upper[:128] = True
    all_of_it, lower = shifts([anatomy], [anatomy]), shifts([anatomy], [anatomy], without_data=upper)
    assert lower[Tissue.AIR].voxels < 0.6 * all_of_it[Tissue.AIR].voxels


def test_filled_background_is_no_air(anatomy):
    filled = np.where(anatomy < -950, -2048, anatomy)
    # Where it borders on tissue, smoothing makes some voxels of it.
    assert shifts([filled], [filled])[Tissue.AIR].voxels < 0.02 * shifts([anatomy], [anatomy])[Tissue.AIR].voxels


def test_a_tissue_of_few_voxels_is_not_reported():
    water = np.zeros((96, 96), np.float32)
    water[:5, :5] = 900
    assert set(shifts([water], [water])) == {Tissue.SOFT_TISSUE}
