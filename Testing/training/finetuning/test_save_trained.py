from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseLib.inference import Backend
from CTDenoiseLib.models import DamagedModelError, MadeFor, ModelStore
from CTDenoiseTrainLib.finetuning.data_facts import DataFacts
from CTDenoiseTrainLib.finetuning.keep import TrainingRecord, hardware_in_words, save_trained
from CTDenoiseTrainLib.recipe.content import CaseFiles, DataOptions, FeatureLoss, FineTuning, Recipe, SeriesFile
from CTDenoiseTrainLib.validation.before_after import BeforeAfter
from CTDenoiseTrainLib.validation.figures import SectionFigures, Terms
from support.tiny_model import tiny_network, tiny_store

SOURCES = ("noise-maps", "dose-pairs", "kernel-pairs", "resolution-pairs", "repeats", "self-supervised", "averages")
BEFORE = SectionFigures(
    loss=400.0,
    rmse=20.0,
    psnr=40.0,
    ssim=0.8,
    noise_hu=20.0,
    noise_reduction=0.0,
    residual_index=None,
    bias_hu=0.0,
)
AFTER = replace(BEFORE, rmse=8.0, noise_hu=7.0, noise_reduction=65.0, residual_index=0.98)
TABLE = BeforeAfter(
    before_is="input",
    before=BEFORE,
    after=AFTER,
    data="three sections",
    terms=Terms(window_hu=(-1000.0, 1000.0), data_range_hu=2000.0),
)
RECORD = TrainingRecord(
    epochs=12, best_epoch=9, steps=1200, seconds=65.4, hardware="cpu, fp32", reason="The last epoch is over."
)
FACTS = DataFacts(
    made_for=MadeFor(
        modality="CT",
        kernels=("Qr89",),
        pixel_spacing_mm=(0.5, 0.5),
        section_thickness_mm=(1.0, 1.0),
        noise_hu=(10.0, 30.0),
    ),
    hu_range=(-1100, 900),
    patients=2,
    training_sections=90,
    validation_sections=10,
    split="Patient B is held out.",
)


def recipe(source: str = "dose-pairs", **changes) -> Recipe:
    cases = (
        CaseFiles(patient="A", noisy=SeriesFile(path="/data/DOE^JANE/quarter"), clean=SeriesFile(path="full")),
        CaseFiles(patient="B", noisy=SeriesFile(path="/data/DOE^JOHN/quarter"), clean=SeriesFile(path="full")),
    )
    return Recipe(name="mine", data=DataOptions(source=source, cases=cases), **changes)


def save(folder, *, network=None, recipe=None, table=TABLE, facts=FACTS, name="mine", **options):
    network, recipe = network or tiny_network(seed=1), recipe or globals()["recipe"]()
    return save_trained(folder, network, recipe, record=RECORD, table=table, facts=facts, name=name, **options)


def test_the_model_is_one_that_the_store_can_load(tmp_path):
    network = tiny_network(seed=1)
    save(tmp_path, network=network)
    store = ModelStore(None, tmp_path)
    store.verify("mine")
    sections = torch.randn(1, 3, 16, 16)
    with torch.inference_mode():
        # The file holds kernels in float16, with eleven bits of mantissa.
        assert torch.allclose(store.load("mine").network(sections), network(sections), atol=0.02)


def test_the_card_tells_data_recipe_and_figures(tmp_path):
    card = save(tmp_path)
    (data,) = card.training.data
    assert data.use == "90 sections for training, 10 for validation. Patient B is held out."
    assert card.made_for == FACTS.made_for
    assert card.training.recipe["training"]["epochs"] == 200
    assert card.training.recipe["outcome"]["best_epoch"] == 9
    assert (card.training.steps, card.training.duration_s, card.training.hardware) == (1200, 65.0, "cpu, fp32")
    assert {metric.name for metric in card.metrics} >= {"RMSE", "noise reduction", "edge ratio of the residual"}
    assert card.training.parent is None
    assert card.title == "hrcnn, trained with pairs of low and full dose"


def test_the_card_does_not_tell_where_images_lay(tmp_path):
    loss = FeatureLoss(weight=0.1, weights_file="/home/DOE/vgg.safetensors", sha256="0" * 64)
    made = recipe()
    text = save(tmp_path, recipe=replace(made, training=replace(made.training, feature_loss=loss))).to_json()
    assert "DOE" not in text
    assert "vgg.safetensors" in text
    assert json.loads(text)["training"]["recipe"]["data"]["cases"] == 2


def test_a_fine_tuned_model_names_its_parent_share_and_data(tmp_path):
    parent = tiny_store(tmp_path / "parents", hu_range=(-1024.0, 3071.0)).card("tiny")
    tuned = recipe(fine_tuning=FineTuning(model="tiny", layers="decoder", share=0.2))
    card = save(tmp_path, recipe=tuned, parent=parent, table=replace(TABLE, before_is="parent"))
    assert (card.training.parent.name, card.training.parent.weights_sha256) == ("tiny", parent.weights.sha256)
    own, inherited = card.training.data
    assert "20 % of those not held out" in own.use
    assert (inherited.name, inherited.use) == ("None", "by a parent: weights")
    assert card.title == "Tiny HR-CNN for tests, fine-tuned"
    assert "“tiny” 1.0, the decoder trained further" in card.description
    assert card.hu_range == (-1100, 3071)
    assert card.scaling == parent.scaling
    assert any("“tiny”" in limitation for limitation in card.limitations)
    # A grandchild tells the same of what its grandparent learnt from.
    grandchild = save(tmp_path, recipe=tuned, parent=card, name="grandchild")
    assert [data.use for data in grandchild.training.data[2:]] == ["by a parent: weights"]


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_of_pairs_has_its_limits(tmp_path, source):
    card = save(tmp_path, recipe=recipe(source))
    assert len(card.limitations) >= 3
    assert "{" not in "".join(card.limitations)


@pytest.mark.parametrize("method", ["reconstructions", "adjacent-sections", "repeated-scans"])
def test_noise_maps_have_the_limits_of_their_method(tmp_path, method):
    made = recipe("noise-maps")
    card = save(tmp_path, recipe=replace(made, data=replace(made.data, method=method, sections_apart=5)))
    assert ("5 apart" in card.limitations[0]) == (method == "adjacent-sections")


def test_limits_say_what_the_data_and_the_figures_do_not_hold(tmp_path):
    worse = replace(TABLE, after=replace(AFTER, rmse=30.0))
    facts = replace(FACTS, patients=1, warnings=("The kernels differ.",))
    limitations = save(tmp_path, recipe=recipe("kernel-pairs"), table=worse, facts=facts).limitations
    assert limitations[0].startswith("The output takes the resolution of the smooth kernel")
    for expected in ("one patient or phantom", "no better than its input", "The kernels differ."):
        assert any(expected in limitation for limitation in limitations)


def test_names_are_checked_and_older_models_kept(tmp_path):
    with pytest.raises(DamagedModelError, match="name: "):
        save(tmp_path, name="My model")
    assert not any(tmp_path.iterdir())
    save(tmp_path, title="First")
    with pytest.raises(OutputExistsError):
        save(tmp_path)
    assert save(tmp_path, title=" Second ", overwrite=True).title == "Second"


def test_the_hardware_is_named_with_precision_and_library():
    words = hardware_in_words(Backend.choose("cpu", "fp32"))
    assert words.startswith("cpu (")
    assert words.endswith(f"fp32, PyTorch {torch.__version__}")
