from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseTrainLib.pairs.body import STEEPEST_SHARE, body_tissues

AIR, LUNG, SOFT, BONE = -1000.0, -850.0, 40.0, 700.0


def disc(shape: tuple[int, int], centre: tuple[float, float], radius: float) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.hypot(y - centre[0], x - centre[1]) < radius


@pytest.fixture
def thorax() -> np.ndarray:
    """A body of 100 pixels' radius, a lung of 40 and a bone of 15 in it, and a thin table below."""
    hu = np.full((256, 256), AIR, dtype=np.float32)
    hu[disc(hu.shape, (120, 128), 100)] = SOFT
    hu[disc(hu.shape, (120, 90), 40)] = LUNG
    hu[disc(hu.shape, (120, 190), 15)] = BONE
    hu[240:244, 30:226] = SOFT
    return hu


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    return (found & truth).sum() / (found | truth).sum()


def test_lungs_belong_to_the_body_and_the_table_does_not(thorax):
    # Half a pixel along the circumference of a disc of radius 100 is 1 % of its area.
    assert overlap(body_tissues(thorax).body, disc(thorax.shape, (120, 128), 100)) > 0.98


def test_tissues_lie_where_they_are(thorax):
    tissues = body_tissues(thorax)
    # Two pixels along the edge of a disc of radius 15, where smoothing mixes, are a quarter of its area.
    assert overlap(tissues.bone, disc(thorax.shape, (120, 190), 15)) > 0.75
    assert tissues.soft_tissue[60, 128]
    assert not tissues.soft_tissue[120, 90]
    assert not tissues.bone[120, 90]


def test_edges_are_walls_of_the_lung_and_the_bone_but_not_the_skin(thorax):
    tissues = body_tissues(thorax)
    assert 0 < tissues.edges.sum() <= 1.1 * STEEPEST_SHARE * tissues.body.sum() + 1
    y, x = np.nonzero(tissues.edges)
    assert (np.hypot(y - 120, x - 128) < 96).all()
    y, x = np.nonzero(tissues.edges & (np.hypot(*np.gradient(thorax)) > 0))
    at_lung = np.abs(np.hypot(y - 120, x - 90) - 40) < 5
    at_bone = np.abs(np.hypot(y - 120, x - 190) - 15) < 5
    assert at_lung.any()
    assert at_bone.any()
    assert (at_lung | at_bone).all()


def test_both_legs_are_body():
    hu = np.full((128, 256), AIR, dtype=np.float32)
    legs = disc(hu.shape, (64, 64), 45) | disc(hu.shape, (64, 192), 40)
    hu[legs] = SOFT
    assert overlap(body_tissues(hu).body, legs) > 0.95


def test_a_large_section_is_looked_at_on_a_coarser_grid(thorax):
    large = np.kron(thorax, np.ones((4, 4), dtype=np.float32))
    tissues = body_tissues(large)
    assert tissues.factor == 2
    assert tissues.body.shape == (512, 512)
    assert (
        overlap(
            np.kron(tissues.body, np.ones((2, 2), dtype=bool)),
            np.kron(body_tissues(thorax).body, np.ones((4, 4), dtype=bool)),
        )
        > 0.97
    )


def test_noise_does_not_tear_the_body(thorax, rng):
    noisy = thorax + 100 * rng.standard_normal(thorax.shape).astype(np.float32)
    assert overlap(body_tissues(noisy).body, body_tissues(thorax).body) > 0.97


@pytest.mark.parametrize("hu", [np.full((64, 64), AIR), np.full((64, 1), SOFT), np.full((64, 64), np.nan)])
def test_a_section_without_a_body_has_no_tissues(hu):
    assert body_tissues(hu) is None


def test_an_image_not_in_hu_is_body_all_over(rng):
    image = np.abs(rng.standard_normal((64, 64))) * 500
    assert body_tissues(image).body.all()
    assert body_tissues(image).edges.any()


def test_the_body_of_a_real_chest_is_one_piece_without_the_table(real_data):
    series = choose_series(find_series(real_data("nlst_chest_low_dose_fc51")), None)
    hu = read_series(series).section(60)
    tissues = body_tissues(hu)
    # A chest fills about half of such a field of view. The table, in rows 490 and below, is no part of it.
    assert 0.4 < tissues.body.mean() < 0.75
    assert not tissues.body[485:].any()
    # Lungs are body, and neither soft tissue nor bone.
    lungs = tissues.body & ~tissues.soft_tissue & ~tissues.bone
    assert np.median(hu[lungs]) < -700
