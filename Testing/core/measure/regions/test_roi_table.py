from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.regions.roi_statistics import contrast_to_noise, noise_reduction, roi_statistics
from CTDenoiseLib.measure.regions.roi_table import RoiTable, roi_table
from CTDenoiseLib.measure.regions.shapes import Ellipsoid, NamedShape
from support.tilted_grid import rotation, tilted_grid

GRID = tilted_grid((20, 30, 30))
LIVER = NamedShape("Liver", Ellipsoid((4, 0, 0), rotation(10, 20, 30), (8, 9, 10)))
AORTA = NamedShape("Aorta", Ellipsoid((-7, 0, 0), rotation(10, 20, 30), (7, 7, 7)))
OUTSIDE = NamedShape("Outside", Ellipsoid((100, 0, 0), np.eye(3), (7, 7, 7)))


@pytest.fixture
def images(rng) -> list[MeasuredImage]:
    return [
        MeasuredImage(name, rng.normal(50, sd, GRID.shape).astype(np.int16), GRID)
        for name, sd in (("Input", 40), ("Denoised", 10))
    ]


def cells(found: RoiTable, row: int) -> dict:
    return found.table.content()["rows"][row]


def test_each_region_is_a_row_with_figures_of_each_image(images):
    found = roi_table([LIVER, AORTA], images, background="Liver")
    liver, aorta = (roi_statistics(named.shape, images) for named in (LIVER, AORTA))
    assert found.statistics == (liver, aorta)
    assert found.problems == ("", "")
    assert cells(found, 1) == {
        "roi": "Aorta",
        "count": aorta[0].count,
        "mean_1": aorta[0].mean,
        "sd_1": aorta[0].sd,
        "cnr_1": contrast_to_noise(aorta[0], liver[0]),
        "mean_2": aorta[1].mean,
        "sd_2": aorta[1].sd,
        "noise_reduction_2": noise_reduction(*aorta),
        "cnr_2": contrast_to_noise(aorta[1], liver[1]),
        "note": "",
    }


def test_the_background_has_no_contrast_to_itself(images):
    background = cells(roi_table([LIVER, AORTA], images, background="Liver"), 0)
    assert background["cnr_1"] is background["cnr_2"] is None


def test_without_a_background_there_is_no_column_for_it(images):
    keys = [column.key for column in roi_table([LIVER], images).table.columns]
    assert keys == ["roi", "count", "mean_1", "sd_1", "mean_2", "sd_2", "noise_reduction_2", "note"]


def test_headings_name_image_figure_and_unit(images):
    headings = [column.heading for column in roi_table([LIVER], images).table.columns]
    assert headings[4:7] == ["Denoised: mean [HU]", "Denoised: SD [HU]", "Denoised: noise reduction [%]"]


def test_a_region_that_cannot_be_measured_says_why_and_leaves_the_others_alone(images):
    found = roi_table([OUTSIDE, AORTA], images, background="Outside")
    assert found.problems == ("The region lies outside the image; move it inside.", "")
    assert cells(found, 0) == dict.fromkeys(cells(found, 0)) | {"roi": "Outside", "note": found.problems[0]}
    assert cells(found, 1)["sd_1"] is not None
    assert cells(found, 1)["cnr_1"] is None


def test_an_image_without_data_there_is_empty_while_the_others_are_measured(images):
    images[1] = replace(images[1], sections=frozenset({0, 1}))
    found = roi_table([LIVER], images)
    first, second = found.statistics[0]
    assert first == roi_statistics(LIVER.shape, images[:1])[0]
    assert second is None
    assert found.problems[0].startswith("“Denoised” holds no data yet in")
    assert cells(found, 0)["noise_reduction_2"] is None


def test_nothing_to_compare_with_leaves_only_noise_reduction_out(images):
    images[0] = replace(images[0], sections=frozenset())
    found = cells(roi_table([LIVER], images), 0)
    assert found["mean_1"] is None
    assert found["sd_2"] is not None
    assert found["noise_reduction_2"] is None


def test_images_of_other_voxels_are_said_or_resampled_and_said(images):
    other_grid = tilted_grid((20, 30, 30), spacing=(1.0, 1.0, 1.1))
    images[1] = replace(images[1], grid=other_grid)
    assert "allow resampling" in roi_table([LIVER], images).problems[0]
    resampled = roi_table([LIVER], images, resample=True)
    assert resampled.problems == ("",)
    assert cells(resampled, 0)["note"] == (
        "“Denoised” was interpolated at the voxels of the first image, which lowers its noise."
    )


def test_resampling_does_not_read_sections_without_data(images):
    other_grid = tilted_grid((20, 30, 30), spacing=(1.0, 1.0, 1.1))
    images[1] = replace(images[1], grid=other_grid, sections=frozenset({0}))
    assert "no data yet" in roi_table([LIVER], images, resample=True).problems[0]


def test_clipped_and_padded_voxels_are_noted(images):
    images[0].values[10, 12:14, 1] = -2000
    images[0] = replace(images[0], padding_hu=(-2000, -2000))
    shape = NamedShape("Edge", Ellipsoid((-13, -2, 0.5), np.eye(3), (8, 8, 8)))
    note = cells(roi_table([shape], images), 0)["note"]
    assert "voxels lie beyond the edge of the image and are missing." in note
    assert "2 of" in note
    assert "are padding in one of the images and left out." in note


def test_a_region_too_small_for_noise_has_mean_and_a_reason(images):
    small = NamedShape("Small", Ellipsoid((0.5, 0.5, 0.5), np.eye(3), (2.2, 1.5, 0)))
    found = roi_table([small], images)
    assert 2 <= found.statistics[0][0].count < 9
    assert cells(found, 0)["mean_2"] is not None
    assert cells(found, 0)["noise_reduction_2"] is None
    assert "too few to judge its noise" in found.problems[0]


def test_details_hold_all_statistics_of_each_region_and_image(images):
    details = roi_table([LIVER, AORTA], images, background="Liver").details.content()["rows"]
    first, second = roi_statistics(AORTA.shape, images)
    assert [(row["roi"], row["image"]) for row in details] == [
        ("Liver", "Input"),
        ("Liver", "Denoised"),
        ("Aorta", "Input"),
        ("Aorta", "Denoised"),
    ]
    assert details[2]["bias"] is None
    assert details[3]["bias"] == second.mean - first.mean
    assert details[3]["percentile_95"] == second.percentiles[3]
    assert details[3]["sem"] == second.sem


def test_a_background_that_is_no_region_is_a_mistake(images):
    with pytest.raises(ValueError, match="Bone"):
        roi_table([LIVER], images, background="Bone")


def test_an_image_that_lies_elsewhere_does_not_stop_the_others(images):
    elsewhere = replace(images[1], grid=tilted_grid((20, 30, 30), centre=(500, 0, 0)))
    found = roi_table([LIVER], [images[0], elsewhere], resample=True)
    assert found.statistics[0] == (*roi_statistics(LIVER.shape, images[:1]), None)
    assert found.problems[0] == "The region lies outside “Denoised”; move it to where all images are."
