import json
from dataclasses import asdict, fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from CTDenoiseLib.models import (
    DamagedModelError,
    MadeFor,
    Metric,
    ModelCard,
    NetworkDescription,
    ParentModel,
    Scaling,
    Training,
    TrainingData,
    Weights,
)
from CTDenoiseLib.models.card_schema import card_schema

texts = st.text(min_size=1).filter(lambda text: text.strip() != "")
numbers = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=1e-3, max_value=1e3)


def objects(values):
    return st.dictionaries(st.text(), values, max_size=4)


json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(), lambda inner: st.lists(inner) | objects(inner), max_leaves=8
)


def ranges(values):
    return st.tuples(values, values).map(sorted).map(tuple)


def tuples(values):
    return st.lists(values, max_size=3).map(tuple)


names = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
hashes = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
cards = names.flatmap(
    lambda name: st.builds(
        ModelCard,
        name=st.just(name),
        version=texts,
        title=texts,
        description=texts,
        licence=texts,
        network=st.builds(
            NetworkDescription,
            name=texts,
            configuration=st.dictionaries(st.text(), st.integers(-1024, 1024) | st.text() | st.booleans(), max_size=4),
        ),
        context=st.integers(0, 64),
        scaling=st.builds(Scaling, offset_hu=numbers, scale_hu=positive),
        hu_range=ranges(numbers).filter(lambda limits: limits[0] < limits[1]),
        made_for=st.builds(
            MadeFor,
            modality=texts,
            kernels=tuples(texts),
            pixel_spacing_mm=ranges(positive),
            section_thickness_mm=ranges(positive),
            noise_hu=ranges(numbers),
        ),
        training=st.builds(
            Training,
            data=tuples(st.builds(TrainingData, name=texts, source=texts, licence=texts, use=texts)),
            recipe=objects(json_values),
            script=texts,
            duration_s=positive,
            steps=st.integers(min_value=0),
            hardware=texts,
            parent=st.none() | st.builds(ParentModel, name=names, version=texts, weights_sha256=hashes),
        ),
        metrics=tuples(
            st.builds(
                Metric,
                name=texts,
                value=numbers,
                unit=st.text(),
                data=texts,
                window_hu=st.none() | ranges(numbers),
                data_range_hu=st.none() | positive,
                note=st.text(),
            )
        ),
        limitations=tuples(texts),
        weights=st.builds(
            Weights,
            file=st.just(f"{name}.safetensors"),
            sha256=hashes,
            dtype=st.sampled_from(["float16", "float32"]),
            parameters=st.integers(min_value=1),
        ),
    )
)


@pytest.fixture
def card(store):
    return store.card("tiny")


def altered(card, path, value):
    """The JSON form with the field at a path, such as “weights.sha256”, set to a value; `...` removes it."""
    content = json.loads(card.to_json())
    *parents, last = path.split(".")
    place = content
    for parent in parents:
        place = place[parent]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(content)


@given(cards)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_card_survives_its_json_form(card):
    text = card.to_json()
    again = ModelCard.from_json(text)
    assert again == card
    assert again.to_json() == text


def test_the_schema_is_valid_json_schema_and_names_every_field(card):
    Draft202012Validator.check_schema(card_schema())
    assert set(card_schema()["required"]) == {field.name for field in fields(card)} | {"schema_version"}
    for part in ("network", "scaling", "made_for", "weights"):
        assert set(card_schema()["properties"][part]["required"]) == set(asdict(card)[part])
    training = card_schema()["properties"]["training"]
    assert (
        {*training["required"], "parent"} == set(training["properties"]) == {field.name for field in fields(Training)}
    )
    assert set(training["properties"]["parent"]["required"]) == {field.name for field in fields(ParentModel)}
    metric, data = (card_schema()["properties"][part] for part in ("metrics", "training"))
    assert set(metric["items"]["required"]) == {field.name for field in fields(Metric)}
    assert set(data["properties"]["data"]["items"]["required"]) == {field.name for field in fields(TrainingData)}


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("name", ..., "'name' is a required property"),
        ("name", "../tiny", "name: "),
        ("name", "Tiny", "name: "),
        ("name", "tiny\n", "name: "),
        ("name", "-tiny", "name: "),
        ("name", "a" * 65, "name: "),
        ("title", " ", "title: "),
        ("surprise", 1, "'surprise' was unexpected"),
        ("research_use_only", False, "research_use_only: True was expected"),
        ("schema_version", "1", "schema_version: 1 was expected"),
        ("network.configuration.levels", 1025, "network.configuration.levels: 1025 is greater"),
        ("network.configuration.levels", [3], "network.configuration.levels: "),
        ("context", -1, "context: -1 is less"),
        ("context", 1.5, "context: 1.5 is not of type 'integer'"),
        ("scaling.scale_hu", 0, "scaling.scale_hu: 0 is less"),
        ("hu_range", [3071, -1024], "hu_range: the lowest value 3071 is not below the highest -1024"),
        ("hu_range", [0], "hu_range: [0] is too short"),
        ("made_for.pixel_spacing_mm", [2, 1], "made_for.pixel_spacing_mm: the lowest value 2 is above"),
        ("made_for.pixel_spacing_mm", [0, 1], "made_for.pixel_spacing_mm[0]: 0 is less"),
        ("made_for.noise_hu", [9, 1], "made_for.noise_hu: the lowest value 9 is above"),
        ("training.steps", -1, "training.steps: -1 is less"),
        ("training.parent", {"name": "tiny", "version": "1.0"}, "training.parent: 'weights_sha256' is a required"),
        ("training.parent", None, "training.parent: None is not of type 'object'"),
        ("weights.file", "../tiny.safetensors", "weights.file: must be “tiny.safetensors”"),
        ("weights.file", "other.safetensors", "weights.file: must be “tiny.safetensors”"),
        ("weights.sha256", "0" * 63, "weights.sha256: "),
        ("weights.sha256", "0" * 64 + "\n", "weights.sha256: "),
        ("weights.dtype", "float64", "weights.dtype: 'float64' is not one of"),
        ("metrics", [{"name": "PSNR"}], "metrics[0]: "),
    ],
)
def test_an_invalid_card_is_refused_with_the_place_of_its_fault(card, path, value, complaint):
    with pytest.raises(DamagedModelError) as refused:
        ModelCard.from_json(altered(card, path, value), source="“x.json”")
    assert str(refused.value).startswith("The model card “x.json” is not valid: ")
    assert complaint in str(refused.value)


def test_a_window_of_a_metric_must_not_be_upside_down(card):
    metric = Metric(name="SSIM", value=0.9, unit="", data="test", window_hu=(240.0, -160.0))
    with pytest.raises(DamagedModelError, match=r"metrics\[0\].window_hu: the lowest value 240.0 is above"):
        replace(card, metrics=(metric,)).to_json()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, "nothing", "1e999", "1" + 400 * "0", "-Infinity", "NaN", '"\\ud800"'],
    ids=lambda text: text[:5],
)
def test_what_is_not_proper_json_is_refused(text):
    with pytest.raises(DamagedModelError, match=r"“x.json” is not readable JSON"):
        ModelCard.from_json(text, source="“x.json”")


@pytest.mark.parametrize("text", ["[]", "null", "1", '"card"'])
def test_json_that_is_no_object_is_refused(text):
    with pytest.raises(DamagedModelError, match=r"the card: .* is not of type 'object'"):
        ModelCard.from_json(text)


def test_a_card_of_a_later_version_asks_for_an_update(card):
    with pytest.raises(DamagedModelError, match=r"card version 2, this one reads 1.*update CTDenoise"):
        ModelCard.from_json(altered(card, "schema_version", 2))


def test_a_long_faulty_value_does_not_flood_the_message(card):
    with pytest.raises(DamagedModelError) as refused:
        ModelCard.from_json(altered(card, "weights.sha256", "0 " * 5000))
    assert len(str(refused.value)) < 300


def test_a_missing_file_and_one_that_is_not_text_are_refused_by_name(tmp_path):
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DamagedModelError, match=r"There is no model card “.*absent\.json”"):
        ModelCard.read(tmp_path / "absent.json")
    with pytest.raises(DamagedModelError, match=r"“.*binary\.json” cannot be read"):
        ModelCard.read(tmp_path / "binary.json")
    with pytest.raises(DamagedModelError, match="cannot be read"):
        ModelCard.read(tmp_path)


def test_what_json_cannot_hold_is_not_written(card):
    training = replace(card.training, recipe={"rate": {1, 2}})
    with pytest.raises(DamagedModelError, match=r"card of “tiny” cannot be written: .*set"):
        replace(card, training=training).to_json()


def test_a_card_without_a_parent_is_the_same_text_as_before_there_were_parents(card):
    assert "parent" not in json.loads(card.to_json())["training"]
    assert ModelCard.from_json(card.to_json()).training.parent is None


def test_a_parent_is_named_by_the_hash_of_its_weights(card):
    parent = ParentModel.of(card)
    child = replace(card, training=replace(card.training, parent=parent))
    assert ModelCard.from_json(child.to_json()).training.parent == parent
    assert str(parent) == f"tiny 1.0 (SHA256 {card.weights.sha256[:16]}…)"
