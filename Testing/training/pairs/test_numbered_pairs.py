from __future__ import annotations

import pytest
import torch
from monai.data import DataLoader, Dataset
from monai.transforms import Compose, RandScaleIntensityd

from CTDenoiseTrainLib.pairs.numbered_pairs import NumberedPairs
from CTDenoiseTrainLib.pairs.patch_source import PatchSource
from CTDenoiseTrainLib.pairs.split import CasePart
from CTDenoiseTrainLib.recipe.content import PatchOptions
from support.plain_pairs import body_case


@pytest.fixture(scope="module")
def source() -> PatchSource:
    return PatchSource([CasePart(body_case(), (3, 4, 5))], PatchOptions(side=16), context=1, seed=0, threads=1)


def test_a_loader_of_monai_gives_the_batches_of_the_source(source):
    loader = DataLoader(Dataset(NumberedPairs(source, 6)), batch_size=3)
    for index, batch in enumerate(loader):
        expected = source.draw(range(3 * index, 3 * index + 3))
        assert torch.equal(batch["sections"], expected.sections)
        assert torch.equal(batch["noise"], expected.noise)
        assert torch.equal(batch["noise_hu"], expected.noise_hu)
    assert index == 1


def test_transforms_of_monai_work_on_the_pairs(source):
    scale = Compose([RandScaleIntensityd("sections", factors=(1.0, 1.0), prob=1.0)])
    pair = Dataset(NumberedPairs(source, 2), transform=scale)[1]
    # Scaling by one more than the factor doubles.
    torch.testing.assert_close(torch.as_tensor(pair["sections"]), 2 * source.draw([1]).sections[0])


def test_there_are_as_many_as_said(source):
    pairs = NumberedPairs(source, 3)
    assert len(list(pairs)) == len(pairs) == 3
    assert torch.equal(pairs[-1]["noise"], pairs[2]["noise"])
    with pytest.raises(IndexError, match="There are 3 pairs; 3 is none of them"):
        pairs[3]
