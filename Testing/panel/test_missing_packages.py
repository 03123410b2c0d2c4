"""A Slicer without the packages that denoising needs: the panel opens, compares, and installs them."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def bare(panel):
    """A panel with a volume, in a Slicer without torch and safetensors."""
    panel.host.packages.remove("torch")
    panel.host.packages.remove("safetensors")
    panel.add_ct()
    panel.open()
    return panel


def test_the_banner_names_what_is_missing_and_everything_says_why_it_is_off(bare):
    assert bare.ui.banner.isVisible()
    assert "PyTorch, safetensors" in bare.ui.bannerLabel.text
    for control in ("applyButton", "modelSelector", "deviceSelector", "precisionSelector"):
        assert "Install the missing Python packages" in bare.why(control)


def test_no_worker_is_started(bare):
    bare.spin(seconds=0.2)
    assert bare.processes == []


def test_comparing_and_windowing_work(bare):
    bare.set(smooth_volume=bare.add_ct(name="Br56"))
    bare.ui.smoothSharpDenoisedButton.click()
    bare.ui.lungButton.click()
    bare.settle()
    assert bare.ui.smoothSharpDenoisedButton.checked
    assert bare.parameters.input_volume.GetScalarVolumeDisplayNode().GetLevel() == -600


def test_after_the_installation_the_volume_can_be_denoised(bare):
    bare.host.user.answer("OK", "OK")
    bare.ui.installButton.click()
    bare.settle()
    assert not bare.ui.banner.isVisible()
    bare.wait_until_ready()
    bare.apply()
    bare.wait_until_ended()
    assert bare.message.startswith("Done: 9 slices")


def test_who_declines_is_told_once_and_nothing_changes(bare):
    bare.host.user.answer("Cancel")
    bare.ui.installButton.click()
    _question, told = bare.host.user.messages
    assert "Nothing was installed" in told.text
    assert bare.ui.banner.isVisible()


def test_a_slicer_with_nothing_but_its_own_packages_can_open_the_panel_and_compare(panel, monkeypatch):
    requirements = {"pyjpegls": "jpeg_ls", "pylibjpeg-openjpeg": "openjpeg", "python-gdcm": "gdcm"}
    names = ("torch", "jsonschema", "matplotlib", "platformdirs", "psutil", "pylibjpeg", "rich", "safetensors", "typer")
    for package, imported_as in (requirements | dict(zip(names, names, strict=True))).items():
        panel.host.packages.remove(package, imported_as=imported_as)
    for name in [name for name in sys.modules if name.split(".")[0] == "CTDenoiseLib"]:
        monkeypatch.delitem(sys.modules, name)  # or what was imported before would not be missed
    smooth, sharp = panel.add_ct(name="Br56"), panel.add_ct(name="Qr89")
    panel.open(input_volume=sharp, smooth_volume=smooth)
    assert panel.ui.banner.isVisible()
    panel.ui.smoothSharpDenoisedButton.click()
    panel.settle()
    assert panel.ui.smoothSharpDenoisedButton.checked
