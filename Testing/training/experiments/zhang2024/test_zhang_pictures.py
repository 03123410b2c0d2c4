from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseTrainLib.experiments.zhang2024.phantom import abdomen
from CTDenoiseTrainLib.experiments.zhang2024.pictures import draw_pictures, field_of_view

MATRIX = 96


def drawn(chests: list[np.ndarray], part: str, count: int = 8, seed: int = 1) -> np.ndarray:
    return draw_pictures(chests, part, count=count, matrix=MATRIX, seed=seed)


def reach(picture: np.ndarray) -> float:
    """How far the body reaches from the middle, as a share of half the picture."""
    y, x = np.nonzero(picture > -300)
    middle = (picture.shape[0] - 1) / 2
    return float(np.hypot(y - middle, x - middle).max() / (picture.shape[0] / 2))


def test_every_body_fills_the_field_of_view_and_stays_in_it(chests):
    for picture in drawn(chests, "training"):
        assert 0.88 < reach(picture) < 1


def test_there_is_air_outside_the_disc_that_all_views_see(chests):
    assert (drawn(chests, "training")[:, ~field_of_view(MATRIX)] == -1000).all()


def test_pictures_are_the_same_for_the_same_seed_and_no_two_alike(chests):
    pictures = drawn(chests, "training")
    np.testing.assert_array_equal(pictures, drawn(chests, "training"))
    assert not np.array_equal(pictures, drawn(chests, "training", seed=2))
    assert len(np.unique(pictures.reshape(len(pictures), -1), axis=0)) == len(pictures)


@pytest.mark.parametrize(("part", "tissue_hu"), [("training", 10), ("validation", 10), ("test", 60)])
def test_chests_of_the_test_are_of_another_patient(chests, part, tissue_hu):
    sections = drawn(chests, part)[::2]
    tissue = sections[(sections > -50) & (sections < 100)]
    # There is more of the wall than of what the lungs are filled with.
    assert np.median(tissue) == pytest.approx(tissue_hu, abs=0.5)


def test_sections_for_validation_are_not_trained_on(chests):
    # Sections can be told apart by their HU here.
    numbered = [np.where(chest > 0, np.arange(1, len(chest) + 1)[:, None, None], chest) for chest in chests]

    def sections(part: str) -> set[float]:
        pictures = draw_pictures(numbered, part, count=20, matrix=32, seed=0)[::2]
        return {float(np.median(picture[picture > 0.5])) for picture in pictures}

    training, validation = sections("training"), sections("validation")
    assert len(training) > 3
    assert validation
    assert not training & validation


def test_filled_lungs_leave_little_gas(chests):
    def gas(pictures: np.ndarray) -> np.ndarray:
        """Share of gas around the middle, where there is nothing but body."""
        y, x = np.mgrid[-1 : 1 : pictures.shape[-1] * 1j, -1 : 1 : pictures.shape[-1] * 1j]
        return (pictures < -500)[:, np.hypot(y / 0.45, x / 0.7) < 1].mean(axis=1)

    assert gas(drawn(chests, "training")[::2]).max() < 0.5 * gas(chests[0]).min()


def test_an_abdomen_has_fat_soft_tissue_and_bone():
    section = abdomen(256, np.random.default_rng(3))
    body = section > -300
    assert ((section > -130) & (section < -70))[body].mean() > 0.15
    assert ((section > 0) & (section < 300))[body].mean() > 0.3
    assert 0.005 < (section > 400)[body].mean() < 0.1
    assert np.isfinite(section).all()


def test_organs_do_not_grow_through_the_wall_of_the_trunk():
    # Outside the body there is air and nothing else.
    for seed in range(5):
        section = abdomen(128, np.random.default_rng(seed))
        y, x = np.mgrid[-1:1:128j, -1:1:128j]
        assert (section[np.hypot(y / 0.88, x / 0.96) > 1.06] == -1000).all()
