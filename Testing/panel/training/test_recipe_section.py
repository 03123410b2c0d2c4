"""Presets, their figures, and the recipe that comes of them."""

from __future__ import annotations

import pytest


@pytest.fixture
def choosing(trainer, scripted):
    """The panel with a series of which nothing is known, and the figures of a preset."""
    trainer.add_ct()
    trainer.open()
    trainer.choose("presetSelector", "quick")
    trainer.choose("presetSelector", "evening")
    return trainer


def recipe(user):
    panel = user.loaded.widget.panel
    return panel._planned_recipe(user.parameters)


def test_a_preset_fills_in_its_figures(choosing):
    assert choosing.ui.epochsSpinBox.value == 100
    choosing.choose("presetSelector", "paper")
    assert choosing.ui.epochsSpinBox.value == 200
    assert choosing.ui.patchesSpinBox.value == 16000
    assert "Madhavan" in choosing.ui.presetLabel.text
    assert recipe(choosing).network.configuration["width"] == 64


def test_a_figure_that_was_changed_is_said_and_counts(choosing):
    assert "Figures were changed" not in choosing.ui.presetLabel.text
    choosing.ui.epochsSpinBox.value = 7
    choosing.settle()
    assert "Figures were changed" in choosing.ui.presetLabel.text
    assert recipe(choosing).training.epochs == 7
    assert recipe(choosing).training.patience == 20


def test_the_recipe_is_what_the_panel_shows(choosing):
    choosing.set(batch=12, patches=100, rate=5e-6 * 4, side=32, scale_low=0.8, scale_high=1.2, seed=3)
    made = recipe(choosing)
    assert made.data.source == "self-supervised"
    assert (made.training.batch, made.patches.patches_per_epoch) == (12, 108)  # whole batches
    assert made.training.lowest_rate <= made.training.highest_rate == pytest.approx(2e-5)
    assert (made.patches.side, made.patches.noise_scale, made.seed) == (32, (0.8, 1.2), 3)
    assert (made.training.device, made.training.precision) == ("cpu", "fp32")
    assert made.fine_tuning is None


def test_fine_tuning_has_layers_a_share_and_a_preset_of_its_own(choosing):
    assert not choosing.ui.shareSpinBox.isVisible()
    choosing.choose("modelSelector", "tiny")
    assert choosing.ui.presetSelector.itemData(choosing.ui.presetSelector.currentIndex) == "quick"
    choosing.ui.shareSpinBox.value = 30
    choosing.ui.layersSelector.setCurrentIndex(1)
    choosing.settle()
    made = recipe(choosing)
    assert (made.fine_tuning.model, made.fine_tuning.layers) == ("tiny", "decoder")
    assert made.fine_tuning.share == pytest.approx(0.3)
    choosing.choose("modelSelector", "")
    assert choosing.parameters.preset == "evening"


def test_the_same_preset_picked_again_takes_changes_back(choosing):
    choosing.set(epochs=7)
    choosing.ui.presetSelector.activated.emit(choosing.ui.presetSelector.currentIndex)
    assert choosing.parameters.epochs == 100


def test_figures_that_the_user_changed_outlive_the_choice_of_a_model(choosing):
    choosing.set(epochs=7)
    choosing.choose("modelSelector", "tiny")
    assert (choosing.parameters.preset, choosing.parameters.epochs) == ("evening", 7)


@pytest.mark.parametrize(
    ("parent", "kernel", "taken", "name"),
    [
        (None, "", (), "own-ct"),
        (None, "Qr89d\\3", ("own-qr89d-3",), "own-qr89d-3-2"),
        ("tiny", "B30f", (), "tiny-b30f"),
        ("tiny", "ÄÖ", ("tiny", "tiny-2"), "tiny-3"),
    ],
)
@pytest.mark.usefixtures("slicer_host")
def test_a_name_is_proposed_that_no_model_has(small_model, parent, kernel, taken, name):
    from CTDenoiseLib.models.card import ModelCard
    from CTDenoiseTrainPanel.model_names import name_problem, proposed_name

    card = ModelCard.read(small_model / "tiny.json") if parent else None
    assert proposed_name(card, kernel, taken) == name
    assert name_problem(name, bundled=("hrcnn-small",)) == ""


def test_a_model_cannot_have_any_name(slicer_host):
    from CTDenoiseTrainPanel.model_names import name_problem

    assert "Give the model a name" in name_problem("", bundled=())
    assert "lower-case letters" in name_problem("Our Model", bundled=())
    assert "came with CT Denoise" in name_problem("hrcnn-small", bundled=("hrcnn-small",))
