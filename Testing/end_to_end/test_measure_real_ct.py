"""`ctdenoise measure` on real CT: figures that scanner, phantom and independent readings say they should have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.cli.source import find_image
from CTDenoiseLib.volume_files import write_volume


@pytest.fixture
def measure(ctdenoise):
    """Content of the record of a command."""

    def run(command, *words):
        answer = ctdenoise("measure", command, *words, "--json")
        assert answer.code == 0, answer
        return answer.content

    return run


def rows(content, table=0):
    return content["tables"][table]["rows"]


def test_water_is_zero_and_its_noise_is_five(measure, real_data):
    water = real_data("ge_water_phantom") / "imgA.dcm"
    for row in rows(measure("roi", water, "--uniform", "5:20")):
        assert row["mean"] == pytest.approx(1, abs=1.5)
        assert row["sd"] == pytest.approx(5.0, rel=0.2)
    (spectrum,) = rows(measure("nps", water, "--uniform", "4:40"))
    assert spectrum["noise"] == pytest.approx(5.0, rel=0.1)
    (level,) = rows(measure("noise-level", water))
    assert level["level"] == pytest.approx(5.0, rel=0.1)


def test_two_kernels_of_one_scan_differ_in_noise_and_sharpness_and_not_in_hu(measure, real_data):
    folder = real_data("philips_head_phantom_kernel_pair")
    images = folder / "UB_smooth_iDose", folder / "YA_sharp"
    smooth, sharp = rows(measure("roi", *images, "--cylinder", "17.3,141.5,768.2:8,0"))
    assert sharp["mean"] == pytest.approx(smooth["mean"], abs=3)
    assert sharp["noise_reduction"] < -150
    smooth, sharp = rows(measure("ttf", *images, "--disc", "17.3,141.5,768.2:15"))
    assert sharp["f50"] > 2 * smooth["f50"]
    smooth, sharp = rows(measure("profile", *images, "--from", "0,141.5,768.2", "--to", "35,141.5,768.2"))
    assert sharp["edge_distance"] < 0.6 * smooth["edge_distance"]
    assert sharp["fwhm"] == pytest.approx(smooth["fwhm"], abs=0.1)


def test_rods_of_a_catphan_agree_on_the_resolution(measure, catphan_folder):
    content = measure(
        "ttf", catphan_folder, "--disc", "Delrin=-65.7,-125.7,1.2:12", "--disc", "Teflon=-95,-176,1.2:12",
        "--depth", "10", "--task", "5,10", "--nps-box", "-124.3,-124.8,-56.3:100,100,20",
    )  # fmt: skip
    delrin, teflon = rows(content)
    # Three standard uncertainties of the weaker rod.
    assert delrin["f50"] == pytest.approx(teflon["f50"], abs=3 * delrin["f50_uncertainty"])
    assert teflon["radius"] == pytest.approx(6.1, abs=0.1)
    assert [row["index"] for row in rows(content, 3)] == pytest.approx([1.95, 1.95], rel=0.1)
    assert [row["noise"] for row in rows(content, 3)] == pytest.approx([16.5, 16.5], rel=0.1)


def test_an_audit_of_a_chest_tells_a_blur_from_itself(ctdenoise, measure, real_data, tmp_path):
    folder = real_data("nlst_chest_low_dose_fc51")
    volume = find_image(folder).read()
    few = replace(volume, hu=volume.hu[60:72], padding=None if volume.padding is None else volume.padding[60:72])
    blurred = replace(few, hu=gaussian_filter(few.hu, (0, 1, 1)).astype(np.float32))
    files = tmp_path / "chest.nrrd", tmp_path / "blurred.nrrd"
    for each, file in zip((few, blurred), files, strict=True):
        write_volume(each, file)
    assert measure("audit", *files)["settings"]["verdict"] == "red"
    same = measure("audit", files[0], f"Same={files[0]}")
    assert same["settings"]["verdict"] == "green"
    (level, _) = rows(measure("noise-level", *files))
    assert level["level"] == pytest.approx(33, rel=0.15)
