from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseTrainLib.errors import RecipeError
from CTDenoiseTrainLib.recipe.content import (
    CaseFiles,
    DataOptions,
    FineTuning,
    PatchOptions,
    Recipe,
    SeriesFile,
    TrainingOptions,
)
from CTDenoiseTrainLib.recipe.toml_file import read_recipe, recipe_from_text, recipe_text, write_recipe

SHORTEST = """
name = "our-qr89"
[data]
source = "noise-maps"
[[data.cases]]
patient = "A"
noisy = { path = "fbp" }
iterative = { path = "ir", series = "Qr89" }
"""

texts = st.text(min_size=1).filter(lambda text: text.strip() and text.isprintable())
series = st.builds(SeriesFile, path=texts, series=st.none() | texts)
cases = st.builds(CaseFiles, patient=texts, noisy=series, iterative=series, clean=st.none() | series)
recipes = st.builds(
    Recipe,
    name=st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True),
    title=texts,
    seed=st.integers(0, 2**31),
    data=st.builds(DataOptions, source=st.just("noise-maps"), cases=st.lists(cases, min_size=1, max_size=3).map(tuple)),
    patches=st.builds(PatchOptions, side=st.integers(16, 512), flips=st.booleans()),
    training=st.builds(
        TrainingOptions,
        epochs=st.integers(1, 1000),
        gradient_norm=st.floats(1e-3, 1e3),
        level_offset_hu=st.none() | st.floats(0.1, 100),
    ),
    fine_tuning=st.none() | st.builds(FineTuning, model=texts, share=st.floats(0.05, 1)),
)


@given(recipes)
def test_a_recipe_is_read_as_it_was_written(recipe):
    assert recipe_from_text(recipe_text(recipe)) == recipe


def test_what_is_left_out_has_the_defaults_of_the_paper():
    recipe = recipe_from_text(SHORTEST)
    assert (recipe.training.epochs, recipe.training.batch, recipe.patches.side) == (200, 16, 64)
    assert (recipe.training.highest_rate, recipe.training.lowest_rate) == (1e-3, 1e-5)
    assert (recipe.patches.shift_pixels, recipe.data.target_sections, recipe.network.configuration["context"]) == (
        *(15, 2, 3),
    )
    assert recipe.data.cases[0].iterative == SeriesFile(path="ir", series="Qr89")


def test_the_text_names_every_option_that_has_a_value():
    text = recipe_text(recipe_from_text(SHORTEST))
    for field in (*dataclasses.fields(TrainingOptions), *dataclasses.fields(PatchOptions)):
        if field.name != "level_offset_hu":
            assert f"{field.name}" in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('name = "our', 'epochz = 3\nname = "our'), "unknown key “epochz”"),
        (
            ("[data]", "[training]\nepochz = 3\n[data]"),
            "“training” of the recipe has an unknown key “epochz”; did you ",
        ),
        (("noisy = {", "nosiy = {"), "“data.cases[0]” of the recipe has an unknown key “nosiy”; did you mean “noisy”"),
        (('name = "our-qr89"', ""), "The recipe lacks “name”"),
        (("our-qr89", "Our Qr89"), "use lower-case letters"),
        (("[data]", '[training]\nepochs = "many"\n[data]'), "“training.epochs” is 'many'; it must be a whole number"),
        (("[data]", "[training]\nepochs = true\n[data]"), "it must be a whole number"),
        (("[data]", "[patches]\nnoise_scale = [1.0]\n[data]"), "has 1 values; it must have 2"),
        (('source = "noise-maps"', 'source = "magic"'), "it must be one of 'noise-maps', 'dose-pairs'"),
        (("[data]", "[data"), "is no TOML"),
        (("noisy = {", "clean = {"), "“data.cases[0]” needs “noisy” and “iterative”"),
        (("[data]", "[training]\nbatch = 7\n[data]"), "must be a multiple of “training.batch”"),
        (("[data]", "[patches]\nbone = 0.9\n[data]"), "they must be 0 or more and make 1"),
        (("[data]", "[training]\nlowest_rate = 1.0\n[data]"), "“training.lowest_rate” must be above 0"),
        (("[data]", "[training.feature_loss]\nweight = 0.1\n[data]"), "The feature loss needs “weights_file”"),
        (("[data]", '[fine_tuning]\nmodel = "m"\nshare = 0.01\n[data]'), "“fine_tuning.share” is 0.01"),
    ],
)
def test_a_mistake_is_named_with_its_place(change, sentence):
    with pytest.raises(RecipeError) as caught:
        recipe_from_text(SHORTEST.replace(*change, 1))
    assert sentence in str(caught.value)


def test_a_number_where_a_table_belongs_is_named():
    with pytest.raises(RecipeError, match="The part “training” of the recipe must be a table with keys, not 3"):
        recipe_from_text(f"training = 3\n{SHORTEST}")


@pytest.mark.parametrize(
    ("source", "roles", "sentence"),
    [
        ("dose-pairs", 'noisy = { path = "a" }', "needs “noisy” and “clean”"),
        ("repeats", 'repeats = [{ path = "a" }]', "needs at least two “repeats”"),
        ("averages", 'repeats = [{ path = "a" }, { path = "b" }]', "needs at least three “repeats”"),
        ("self-supervised", 'clean = { path = "a" }', "needs “noisy”"),
    ],
)
def test_each_source_says_which_images_it_needs(source, roles, sentence):
    with pytest.raises(RecipeError, match=sentence):
        recipe_from_text(f'name = "m"\n[data]\nsource = "{source}"\n[[data.cases]]\npatient = "A"\n{roles}\n')


def test_each_patient_of_noise_maps_of_repeated_scans_names_the_scans():
    text = (
        'name = "m"\n[data]\nsource = "noise-maps"\nmethod = "repeated-scans"\n'
        '[[data.cases]]\npatient = "A"\nnoisy = { path = "c" }\n'
    )
    with pytest.raises(RecipeError, match="needs at least two “repeats” for the source “noise-maps, repeated-scans”"):
        recipe_from_text(text)
    assert recipe_from_text(f'{text}repeats = [{{ path = "a" }}, {{ path = "b" }}]\n').data.cases[0].noisy


def test_a_file_is_not_replaced_unasked(tmp_path):
    recipe, path = recipe_from_text(SHORTEST), tmp_path / "recipe.toml"
    write_recipe(recipe, path)
    with pytest.raises(OutputExistsError):
        write_recipe(recipe, path)
    assert read_recipe(path) == recipe


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RecipeError, match=r"There is no recipe .*recipe\.toml"):
        read_recipe(tmp_path / "recipe.toml")


def test_recipes_need_no_torch():
    code = "import sys, CTDenoiseTrainLib.recipe.toml_file; sys.exit('torch' in sys.modules or 'monai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
