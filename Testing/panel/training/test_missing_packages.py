"""The panel of training in a Slicer that lacks packages."""

from __future__ import annotations

import sys


def test_the_banner_names_what_training_lacks_and_brings_it(trainer):
    trainer.host.packages.remove("tensorboardX")
    trainer.add_ct()
    trainer.open()
    assert trainer.ui.bannerLabel.text == "Training needs Python packages that this Slicer lacks: tensorboardX."
    assert "Install the missing Python packages first (tensorboardX)." in trainer.why("startButton")
    trainer.host.user.answer("OK")
    trainer.press("installButton")
    assert not trainer.ui.banner.isVisible()
    assert trainer.why("startButton") == ""


def test_a_slicer_with_nothing_but_its_own_packages_can_open_the_panel(trainer, monkeypatch):
    imported_as = {"scikit-image": "skimage", "tomli-w": "tomli_w"}
    removed = ("torch", "tensorboardX", "jsonschema", "platformdirs", "psutil", "safetensors", *imported_as)
    for package in removed:
        trainer.host.packages.remove(package, imported_as=imported_as.get(package, package))
    ours = ("CTDenoiseLib", "CTDenoiseTrainLib", "CTDenoiseTrainScene")
    for name in [name for name in sys.modules if name.split(".")[0] in ours]:
        monkeypatch.delitem(sys.modules, name)  # or what was imported before would not be missed
    trainer.add_ct()
    trainer.open()
    assert trainer.ui.banner.isVisible()
    assert "alone will do" in trainer.ui.reasonLabel.text
    assert "Install the missing" in trainer.why("startButton")
