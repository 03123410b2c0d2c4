from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.errors import DifferentGridError, NotDenoisedHereError
from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.likeness.image_pair import NotComparableError
from CTDenoiseLib.measure.likeness.similarity import similarity
from CTDenoiseLib.measure.likeness.similarity_table import similarity_table
from CTDenoiseLib.measure.measured import Measured, NotMeasurable
from CTDenoiseLib.volume import Geometry
from support.ct_series import anatomy

WINDOW = (-160.0, 240.0)


@pytest.fixture
def reference() -> np.ndarray:
    return anatomy().astype(np.float32)


@pytest.fixture
def noisy(reference, rng) -> np.ndarray:
    return (reference + 20 * rng.standard_normal(reference.shape)).astype(np.float32)


def measured(hu: np.ndarray, *, name: str = "Image", **more) -> MeasuredImage:
    return MeasuredImage(name, hu, Grid.of(Geometry(spacing=(1.0, 0.5, 0.5)), hu.shape), **more)


@given(error=st.floats(-50, 50), spread=st.floats(0.1, 50), data_range=st.floats(1, 4096))
def test_bias_and_residual_variance_add_up_to_the_square_of_the_rmse(error, spread, data_range):
    checkerboard = error + spread * (-1.0) ** np.indices((2, 12, 12)).sum(axis=0)
    found = similarity(np.zeros((2, 12, 12)), checkerboard, data_range=data_range)
    assert found.bias == pytest.approx(error, abs=1e-9)
    assert found.residual_variance == pytest.approx(spread**2, rel=1e-6)
    assert found.rmse**2 == pytest.approx(found.bias**2 + found.residual_variance)
    assert found.psnr == pytest.approx(20 * math.log10(data_range / found.rmse))
    assert found.nrmse_range == pytest.approx(found.rmse / data_range)


def test_equal_images_are_alike(reference):
    found = similarity(reference, reference, window=WINDOW)
    assert found.rmse == found.residual_variance == found.nrmse_zhang == 0
    assert found.psnr == math.inf
    assert found.ssim == Measured(pytest.approx(1.0))


def test_what_is_normalised_by_a_mean_is_proportional_to_attenuation(reference, noisy):
    """Zhang: RMSE over the mean of the judged image in attenuation coefficients, whatever that of water."""
    water = 0.206  # cm⁻¹ at 60 keV
    first, second = (water * (1 + hu.astype(np.float64) / 1000) for hu in (reference, noisy))
    rmse = math.sqrt(np.mean((first - second) ** 2))
    found = similarity(reference, noisy)
    assert found.nrmse_zhang == pytest.approx(100 * rmse / second.mean())
    assert found.nrmse_mean == pytest.approx(rmse / first.mean())
    assert found.nrmse_euclidean == pytest.approx(rmse / math.sqrt(np.mean(first**2)))


def test_air_has_no_attenuation_to_normalise_by():
    found = similarity(np.full((2, 20, 20), -1000.0), np.full((2, 20, 20), -1010.0), data_range=100)
    assert math.isnan(found.nrmse_mean)
    assert math.isnan(found.nrmse_zhang)


def test_values_are_clipped_to_the_window_which_is_the_data_range(reference, noisy):
    found = similarity(reference, noisy, window=WINDOW)
    clipped = similarity(reference.clip(*WINDOW), noisy.clip(*WINDOW), data_range=400.0)
    assert (found.window, found.data_range, found.black) == (WINDOW, 400.0, -160.0)
    assert found.rmse == pytest.approx(clipped.rmse)
    assert found.psnr == pytest.approx(clipped.psnr)
    assert found.terms == f"{reference.size} voxels, clipped to -160 to 240 HU, data range 400 HU"


def test_without_window_the_data_range_is_that_of_the_reference(reference, noisy):
    found = similarity(reference, noisy)
    assert found.data_range == np.ptp(reference)
    assert found.black == reference.min()
    assert "not clipped" in found.terms


def test_ssim_of_a_volume_is_the_mean_over_its_sections(reference, noisy):
    whole = similarity(reference, noisy, window=WINDOW)
    sections = [similarity(*pair, window=WINDOW).ssim.value for pair in zip(reference, noisy, strict=True)]
    assert whole.ssim.value == pytest.approx(np.mean(sections))
    assert whole.sections == len(reference)


def test_less_noise_is_more_alike(reference, rng):
    noise = rng.standard_normal(reference.shape)
    results = [similarity(reference, reference + sd * noise, window=WINDOW) for sd in (5, 20, 80)]
    assert [result.rmse for result in results] == sorted(result.rmse for result in results)
    for figure in ("psnr", "ssim"):
        values = [getattr(result, figure) for result in results]
        numbers = [value.value if isinstance(value, Measured) else value for value in values]
        assert numbers == sorted(numbers, reverse=True)


def test_padding_of_either_image_does_not_count(reference, noisy):
    first, second = reference.copy(), noisy.copy()
    first[:, :5] = -2000
    second[:, :, :5] = -3000
    found = similarity(
        measured(first, padding_hu=(-2000.0, -2000.0)), measured(second, padding_hu=(-3000.0, -3000.0)), window=WINDOW
    )
    inner = similarity(reference[:, 5:, 5:], noisy[:, 5:, 5:], window=WINDOW)
    assert found.voxels == inner.voxels
    assert found.padding_left_out == reference.size - inner.voxels
    assert found.rmse == pytest.approx(inner.rmse)
    assert found.ssim.value == pytest.approx(inner.ssim.value)


def test_padding_does_not_widen_the_data_range(reference, noisy):
    padded = reference.copy()
    padded[:, :5] = -2000
    found = similarity(measured(padded, padding_hu=(-2000.0, -2000.0)), measured(noisy))
    assert found.data_range == np.ptp(reference[:, 5:])


def test_sections_not_denoised_yet_do_not_count(reference, noisy):
    unfinished = noisy.copy()
    unfinished[3:] = 0
    found = similarity(measured(reference), measured(unfinished, sections=frozenset({0, 1, 2})), window=WINDOW)
    assert found.sections == 3
    assert found.rmse == pytest.approx(similarity(reference[:3], noisy[:3], window=WINDOW).rmse)


def test_images_of_stored_integers_and_single_sections_are_welcome(reference, noisy):
    stored = [np.rint(hu).astype(np.int16) for hu in (reference, noisy)]
    numbers = [hu.astype(np.float64) for hu in stored]
    assert similarity(*stored, window=WINDOW) == similarity(*numbers, window=WINDOW)
    assert similarity(stored[0][0], stored[1][0], window=WINDOW).sections == 1


def test_a_section_smaller_than_the_window_of_ssim_has_all_but_that():
    found = similarity(np.zeros((2, 9, 30)), np.ones((2, 9, 30)), data_range=100)
    assert found.rmse == 1
    assert found.ssim == NotMeasurable("SSIM needs 11 × 11 pixels of data in a section; there are fewer.")


def test_images_of_different_voxels_are_refused(reference):
    with pytest.raises(DifferentGridError):
        similarity(reference, reference[:, 1:])
    moved = Grid.of(Geometry(spacing=(1.0, 0.5, 0.5), origin=(5, 0, 0)), reference.shape)
    with pytest.raises(DifferentGridError):
        similarity(measured(reference), replace(measured(reference), grid=moved))


def test_an_image_without_data_is_refused(reference):
    with pytest.raises(NotDenoisedHereError):
        similarity(measured(reference), measured(reference, sections=frozenset()))


@pytest.mark.parametrize(
    ("change", "options", "reason"),
    [
        (lambda hu: hu, {"window": (100.0, 100.0)}, "a lower and a higher HU, not 100 and 100"),
        (lambda hu: hu, {"data_range": 0.0}, "more than 0 HU"),
        (np.zeros_like, {}, "more than 0 HU; it is 0 HU"),
        (lambda hu: np.where(hu > 0, np.nan, hu), {"window": WINDOW}, "Section 1 holds values that are no numbers"),
        (lambda hu: hu[np.newaxis], {}, r"shape \(z, y, x\) or \(y, x\)"),
    ],
    ids=["empty window", "no range", "one value", "NaN", "four dimensions"],
)
def test_images_that_cannot_be_compared_are_refused_with_the_reason(reference, change, options, reason):
    image = change(reference)
    with pytest.raises(NotComparableError, match=reason):
        similarity(image, image, **options)


def test_nothing_but_padding_is_refused(reference):
    image = measured(reference, padding_hu=(-5000.0, 5000.0))
    for window in (WINDOW, None):
        with pytest.raises(NotComparableError, match="all are padding"):
            similarity(image, image, window=window)


def test_the_table_says_what_the_figures_were_taken_for(reference, noisy):
    results = {"Denoised": similarity(reference, noisy, window=WINDOW), "Input": similarity(reference, reference)}
    table = similarity_table("Full dose", results)
    first, second = (dict(zip((column.key for column in table.columns), row, strict=True)) for row in table.rows)
    assert table.title == "Similarity to Full dose"
    assert (first["image"], first["window_low"], first["window_high"], first["data_range"]) == (
        "Denoised",
        -160,
        240,
        400,
    )
    assert first["ssim"] == results["Denoised"].ssim.value
    assert second["window_low"] is None
    assert table.content()["rows"][1]["psnr"] is None
