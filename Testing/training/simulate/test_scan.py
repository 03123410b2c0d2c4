from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseTrainLib.simulate.scan import ParallelScan, ScanError


def test_field_is_as_wide_as_all_rays_together():
    assert ParallelScan(views=180, rays=512, ray_spacing_mm=0.625).field_mm == 320


def test_views_share_half_a_turn_and_leave_its_end_out():
    assert np.degrees(ParallelScan(views=4, rays=8, ray_spacing_mm=1).angles) == pytest.approx([0, 45, 90, 135])


def test_rays_sample_two_points_a_period_at_their_nyquist_frequency():
    assert ParallelScan(views=4, rays=8, ray_spacing_mm=0.25).nyquist_per_mm == 2


@pytest.mark.parametrize(
    ("views", "rays", "spacing", "said"),
    [(0, 8, 1.0, "0 views"), (4, 1, 1.0, "1 rays"), (4, 8, 0.0, "0.0 mm"), (4, 8, float("nan"), "nan mm")],
)
def test_an_impossible_scan_is_refused_in_a_sentence(views, rays, spacing, said):
    with pytest.raises(ScanError, match=said):
        ParallelScan(views=views, rays=rays, ray_spacing_mm=spacing)
