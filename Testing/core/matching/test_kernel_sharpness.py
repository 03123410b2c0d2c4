from __future__ import annotations

from itertools import pairwise

import pytest

from CTDenoiseLib.matching import kernel_sharpness
from CTDenoiseLib.matching.kernel_sharpness import same_kernel


@pytest.mark.parametrize(
    "from_smooth_to_sharp",
    [
        ("B10s", "B30f", "B41s", "B50f", "D70f", "U90u"),
        ("Br40", "Bv44d", "Bl57", "Hr68", "Qr89"),
        ("SOFT", "CHEST", "STANDARD", "DETAIL", "BONE", "BONEPLUS", "LUNG", "EDGE"),
        ("A", "B", "C", "D", "E"),
        ("UA", "UB", "UC", "YA", "YB", "YC", "YD"),
        ("FC18", "FC30", "FC81"),
        ("FC08", "FC51", "FC86"),
    ],
    ids=["Siemens", "Siemens, later", "GE", "Philips body", "Philips brain and bone", "Canon", "Toshiba"],
)
def test_kernels_of_one_maker_stand_in_order(from_smooth_to_sharp):
    places = [kernel_sharpness((name,)) for name in from_smooth_to_sharp]
    assert all(smoother < sharper for smoother, sharper in pairwise(places))


@pytest.mark.parametrize(
    ("one", "like"),
    [("SOFT", "B35f"), ("CHEST", "B41f"), ("STANDARD", "B43f"), ("LUNG", "B80f"), ("B", "B31f"), ("D", "B46f")],
)
def test_published_pairs_of_makers_share_a_place(one, like):
    assert kernel_sharpness((one,)) == kernel_sharpness((like,))


def test_the_strength_of_an_iterative_method_is_no_kernel():
    assert kernel_sharpness(("Br40d", "2")) == kernel_sharpness(("2", "Br40d")) == 40


def test_case_and_padding_do_not_matter():
    assert kernel_sharpness((" standard ",)) == kernel_sharpness(("STANDARD",))
    assert kernel_sharpness(("QR89",)) == kernel_sharpness(("Qr89",)) == 89


@pytest.mark.parametrize("kernel", [(), ("",), ("MyKernel",), ("FC",), ("FC99",), ("2",), ("IMR1",), ("Qr8",)])
def test_what_is_not_known_has_no_place(kernel):
    assert kernel_sharpness(kernel) is None


def test_the_ending_for_a_fast_mode_makes_no_other_kernel_but_that_for_high_resolution_does():
    assert same_kernel("B30f", "B30s")
    assert not same_kernel("B70f", "B70u")
    assert not same_kernel("YA", "YB")
