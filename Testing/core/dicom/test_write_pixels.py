"""Hounsfield units become whole numbers of 16 bits and come back the same, however they are encoded."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydicom.pixels import get_decoder
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless

from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.dicom.stored_values import quantise
from support.derived_series import derive, headers, the_series

IN_RANGE = st.floats(-32768, 32767, width=32)


@given(arrays(np.float32, 20, elements=IN_RANGE))
def test_whole_hounsfield_units_are_at_most_half_a_unit_off(hu):
    values, clipped = quantise(hu, 1.0)
    assert clipped == 0
    assert np.abs(values - hu).max() <= 0.5


@given(arrays(np.float32, 20, elements=st.floats(-3276, 3276, width=32)))
def test_tenths_are_at_most_a_twentieth_off(hu):
    values, clipped = quantise(hu, 0.1)
    assert clipped == 0
    # Half a step, and what float32 cannot say of a tenth in 3276.
    assert np.abs(values * 0.1 - hu.astype(np.float64)).max() <= 0.05 + 0.0005


def test_halves_go_to_the_even_neighbour_so_that_the_mean_does_not_drift():
    values, _ = quantise(np.array([-1.5, -0.5, 0.5, 1.5, 2.5], np.float32), 1.0)
    assert values.tolist() == [-2, 0, 0, 2, 2]


@given(st.floats(-1e6, 1e6, width=32))
def test_what_does_not_fit_is_clipped_and_counted(hu):
    values, clipped = quantise(np.array([hu], np.float32), 1.0)
    fits = -32768 <= np.rint(hu) <= 32767
    assert clipped == (0 if fits else 1)
    assert values[0] == (np.rint(hu) if fits else np.sign(hu) * 32767 - (hu < 0))


def test_clipped_voxels_are_counted_over_the_series(make_ct_series, tmp_path):
    source = make_ct_series(tmp_path / "source", hu=np.full((3, 8, 8), 40.0))
    derived = derive(source, tmp_path / "out", change=lambda hu: hu + np.float32(1e5) * (np.eye(8, dtype=np.float32)))
    assert derived.clipped_voxels == 3 * 8
    assert read_series(the_series(derived.folder)).hu.max() == 32767


def test_residuals_keep_tenths(make_ct_series, tmp_path, rng):
    source = make_ct_series(tmp_path / "source", sections=3)
    noise = rng.normal(0, 20, (48, 40)).astype(np.float32)
    derived = derive(source, tmp_path / "out", change=lambda hu: noise, derivation={"kind": "residual"})
    image = headers(derived.files)[0]
    assert (image.RescaleSlope, image.RescaleIntercept, image.RescaleType) == (0.1, 0, "HU")
    np.testing.assert_allclose(read_series(the_series(derived.folder)).hu[0], noise, atol=0.0501)


def test_denoised_values_are_signed_16_bit_hounsfield_units(make_ct_series, tmp_path):
    image = headers(derive(make_ct_series(tmp_path / "source"), tmp_path / "out").files)[0]
    assert (image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation) == (16, 16, 15, 1)
    assert (image.RescaleSlope, image.RescaleIntercept, image.RescaleType) == (1, 0, "HU")
    assert image["PixelData"].VR == "OW"


@pytest.mark.parametrize(
    ("compression", "syntax", "plugins"),
    [
        ("none", ExplicitVRLittleEndian, [""]),
        ("jpeg-ls", JPEGLSLossless, ["pyjpegls", "gdcm"]),
        ("jpeg2000", JPEG2000Lossless, ["gdcm"]),
    ],
)
def test_every_encoding_comes_back_bit_by_bit(make_ct_series, tmp_path, compression, syntax, plugins):
    expected = np.random.default_rng(0).integers(-32768, 32768, (4, 33, 35)).astype(np.float32)
    expected[0, 0, :2] = -32768, 32767
    expected[1] = 7
    source = the_series(make_ct_series(tmp_path / "source", sections=4, rows=33, columns=35))
    remaining = iter(expected)
    derived = derive(source, tmp_path / "out", change=lambda _: next(remaining), compression=compression)
    assert derived.clipped_voxels == 0
    for image, section in zip(headers(derived.files), expected, strict=True):
        assert image.file_meta.TransferSyntaxUID == syntax
        assert image.get("LossyImageCompression", "00") == "00"
        for plugin in plugins:
            decoded, _ = get_decoder(syntax).as_array(image, raw=True, decoding_plugin=plugin)
            np.testing.assert_array_equal(decoded, section)
    np.testing.assert_array_equal(read_series(the_series(derived.folder)).hu, expected)


@pytest.mark.parametrize("padding", [-2048, -3024])
def test_padding_stays_padding(make_ct_series, tmp_path, padding):
    source = make_ct_series(tmp_path / "source", padding=padding)
    before = read_series(the_series(source))
    derived = derive(source, tmp_path / "out")
    image = headers(derived.files)[0]
    assert image["PixelPaddingValue"].VR == "SS"
    assert image.PixelPaddingValue == padding
    after = read_series(the_series(derived.folder))
    np.testing.assert_array_equal(after.padding_mask(3), before.padding_mask(3))
    assert after.padding_mask(3).any()


def test_a_range_of_padding_is_converted_at_both_ends(make_ct_series, change_files, tmp_path):
    def change(image):
        image.add_new("PixelPaddingValue", "SS", -2000)
        image.add_new("PixelPaddingRangeLimit", "SS", -1900)
        image.PixelRepresentation = 1

    source = make_ct_series(tmp_path / "source", sections=2)
    change_files(source, change)
    image = headers(derive(source, tmp_path / "out").files)[0]
    assert (image.PixelPaddingValue, image.PixelPaddingRangeLimit) == (-3024, -2924)


def test_padding_declared_with_the_wrong_sign_means_what_the_pixels_hold(make_ct_series, change_files, tmp_path):
    source = make_ct_series(tmp_path / "source", sections=2, hu=np.full((2, 8, 8), -3024.0))
    change_files(source, lambda image: image.add_new("PixelPaddingValue", "US", 63536))
    derived = derive(source, tmp_path / "out")
    assert headers(derived.files)[0].PixelPaddingValue == -3024
    assert read_series(the_series(derived.folder)).padding_mask(0).all()


def test_a_residual_has_no_padding(make_ct_series, tmp_path):
    source = make_ct_series(tmp_path / "source", padding=-2048)
    image = headers(derive(source, tmp_path / "out", derivation={"kind": "residual"}).files)[0]
    assert "PixelPaddingValue" not in image


def test_inverted_grey_scale_stays_inverted(make_ct_series, change_files, tmp_path):
    source = make_ct_series(tmp_path / "source", sections=1)
    change_files(source, lambda image: setattr(image, "PhotometricInterpretation", "MONOCHROME1"))
    image: pydicom.Dataset = headers(derive(source, tmp_path / "out").files)[0]
    assert image.PhotometricInterpretation == "MONOCHROME1"
