"""From a loaded volume to a model that CT Denoise uses, with the real worker."""

from __future__ import annotations

import slicer.util

from CTDenoiseLib.models.store import ModelStore
from support.panel_user import PanelUser
from support.training_user import TINY


def test_three_clicks_in_ct_denoise_make_a_model_that_it_can_use(trainer, pair, load_module, spin):
    sharp, _smooth = pair
    loaded = load_module("CTDenoiseTrain", entered=False)
    user = PanelUser(trainer.host, spin, load_module)
    user.open(input_volume=sharp)
    trainer.loaded = loaded

    user.ui.fineTuneButton.click()
    trainer.settle()
    assert trainer.ui.CTDenoiseTrain.isVisible()
    assert trainer.parameters.volume is sharp
    assert "smoother reconstruction" in trainer.ui.reasonLabel.text
    assert (trainer.parameters.model, trainer.parameters.preset) == ("tiny", "quick")
    trainer.set(**TINY)

    trainer.train()
    assert "Training has ended after 3 epochs" in trainer.message
    assert "RMSE" in trainer.ui.resultLabel.text

    trainer.press("keepButton")
    spin(lambda: trainer.result_message, timeout=30)
    assert trainer.result_message == "The model “tiny-qr89” is in the store; CT Denoise can use it now."
    card = ModelStore.default().card("tiny-qr89")
    assert card.training.parent.name == "tiny"
    assert card.title == "Tiny HR-CNN for tests, fine-tuned for Qr89"

    trainer.press("useButton")
    assert user.ui.CTDenoise.isVisible()
    assert (user.parameters.model, user.parameters.input_volume) == ("tiny-qr89", sharp)
    user.wait_until_ready()
    user.apply()
    user.wait_until_ended()
    assert user.output is not None, user.message
    assert "tiny-qr89" in user.output.GetAttribute("CTDenoise.model")
    assert slicer.util.getModuleLogic("CTDenoiseTrain").parameters().model_name == ""
