"""Filtered back projection or iterative reconstruction, told from headers."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.reconstruction import reconstruction_method


def _header(manufacturer: str, kernel: str | list[str] = "X") -> Dataset:
    header = Dataset()
    header.Manufacturer = manufacturer
    header.ConvolutionKernel = kernel
    return header


@pytest.mark.parametrize(
    ("kernel", "method"),
    [
        (["Qr89f", "4"], "iterative, strength 4"),
        (["I30f ", "3 "], "iterative, strength 3"),
        ("I30f", "iterative"),
        ("B30f", "FBP"),
        (["Br40d", "x"], None),
        ("", None),
    ],
)
def test_siemens_says_it_in_the_kernel(kernel, method):
    assert reconstruction_method(_header("SIEMENS", kernel), None) == method
    assert reconstruction_method(_header("Siemens Healthineers", kernel), None) == method


def test_kernels_of_other_vendors_say_nothing():
    assert reconstruction_method(_header("TOSHIBA", "FC51"), None) is None
    assert reconstruction_method(Dataset(), None) is None


@pytest.mark.parametrize(("stated", "method"), [("FILTER_BACK_PROJ", "FBP"), ("ITERATIVE", "iterative"), ("ODD", None)])
def test_the_standard_attribute_is_understood(stated, method):
    header = _header("United Imaging")
    header.ReconstructionAlgorithm = stated
    assert reconstruction_method(header, None) == method


def _private(header: Dataset, group: int, owner: str, **values: tuple[int, str, object]) -> Dataset:
    block = header.private_block(group, owner, create=True)
    for element, representation, value in values.values():
        block.add_new(element, representation, value)
    return header


def test_ge_says_it_in_private_elements():
    header = _private(
        _header("GE MEDICAL SYSTEMS", "STANDARD"),
        0x0053,
        "GEHC_CT_ADVAPP_001",
        annotation=(0x40, "SH", "ASIR"),
        level=(0x43, "SH", "40 "),
    )
    assert reconstruction_method(header, None) == "iterative (ASIR, level 40)"


@pytest.mark.parametrize(("level", "method"), [("3", "iDose4 level 3"), ("0", None), ("", None)])
def test_philips_says_it_in_a_private_element(level, method):
    header = _private(_header("Philips", "B"), 0x01F7, "ELSCINT1", level=(0x9B, "IS", level))
    assert reconstruction_method(header, None) == method


@pytest.mark.parametrize(("filter_", "method"), [(b"AIDR 3D STD ", "AIDR 3D STD"), (b"ORG ", None)])
def test_canon_says_it_in_a_private_element_even_of_unknown_representation(filter_, method):
    header = _private(_header("TOSHIBA", "FC08"), 0x7005, "TOSHIBA_MEC_CT3", filter_=(0x0B, "UN", filter_))
    assert reconstruction_method(header, None) == method


def test_real_headers_of_three_vendors(real_data):
    found = {
        "nlst_chest_low_dose_fc51": None,
        "philips_head_phantom_kernel_pair/UB_smooth_iDose": "iDose4 level 2",
        "philips_head_phantom_kernel_pair/YA_sharp": None,
        "mayo_dose_pairs/full": "FBP",
    }
    for folder, method in found.items():
        methods = {series.acquisition.reconstruction for series in find_series(real_data(folder)).series}
        assert methods == {method}, folder
