from __future__ import annotations

import json

from CTDenoiseLib.models import MadeFor
from CTDenoiseTrainLib.finetuning.data_facts import DataFacts, measure_data
from CTDenoiseTrainLib.pairs.split import CasePart, Split
from support.known_denoiser import alternating_case

MADE_FOR = MadeFor(
    modality="CT",
    kernels=("Qr89",),
    pixel_spacing_mm=(0.5, 0.5),
    section_thickness_mm=(1.0, 1.0),
    noise_hu=(10.0, 30.0),
)


def facts() -> DataFacts:
    first, second = alternating_case(patient="A"), alternating_case(patient="B")
    split = Split((CasePart(first, tuple(range(9))),), (CasePart(second, (3, 4)),), "Patient B is held out.")
    share = (CasePart(first, (2, 6)),)
    return measure_data(share, split, MADE_FOR, context=1, warnings=("Few images.",))


def test_patients_and_sections_are_counted():
    found = facts()
    assert (found.patients, found.training_sections, found.validation_sections) == (2, 2, 2)
    assert (found.split, found.warnings) == ("Patient B is held out.", ("Few images.",))
    assert found.made_for == MADE_FOR


def test_the_range_of_hu_holds_the_images_and_their_noise():
    case = alternating_case()
    noisy = case.clean + case.noise
    low, high = facts().hu_range
    assert low == round(float(noisy.min()) - 4 * 30)
    assert high == round(float(noisy.max()) + 4 * 30)


def test_facts_survive_json():
    assert DataFacts.from_content(json.loads(json.dumps(facts().to_content()))) == facts()
