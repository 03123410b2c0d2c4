from __future__ import annotations

import math

import numpy as np
import pytest

from CTDenoiseTrainLib.experiments.huber2020.dose import low_dose, scan_at_two_doses
from CTDenoiseTrainLib.experiments.huber2020.pairs import dose_patches
from CTDenoiseTrainLib.experiments.huber2020.settings import PAPER, Scanner, Settings
from CTDenoiseTrainLib.recipe.content import PatchOptions, TrainingOptions
from CTDenoiseTrainLib.simulate.counts import noisy_line_integrals
from support.bone_phantom import PIXEL_MM, TISSUE_HU, bone_sections

SCANNER = Scanner(views=120, photons=4e4)


@pytest.fixture(scope="module")
def scanned():
    return scan_at_two_doses(bone_sections(), pixel_mm=PIXEL_MM, scanner=SCANNER, repeats=2, seed=0)


def test_a_quarter_of_the_photons_has_their_statistics(rng):
    lines = np.full(200_000, 2.0)
    photons = 1e4
    full = noisy_line_integrals(lines, photons=photons, rng=rng)
    low = low_dose(full, photons=photons, share=0.25, rng=rng)
    detected = photons * math.exp(-2)
    # The standard error of a variance of 200 000 values is 0.3 %; the logarithm of so few photons adds 0.3 %.
    assert low.var() == pytest.approx(1 / (0.25 * detected), rel=0.015)
    assert full.var() == pytest.approx(1 / detected, rel=0.015)
    assert low.mean() == pytest.approx(2.0, abs=0.002)
    # Part of its noise is that of the full dose.
    assert np.cov(full, low)[0, 1] == pytest.approx(1 / detected, rel=0.03)


def test_all_photons_are_the_full_dose(rng):
    full = noisy_line_integrals(np.linspace(0, 4, 1000), photons=1e5, rng=rng)
    np.testing.assert_allclose(low_dose(full, photons=1e5, share=1.0, rng=rng), full, atol=1e-5)


def test_a_ray_without_photons_counts_as_one(rng):
    assert low_dose(np.full(4, 30.0), photons=1e4, share=0.25, rng=rng) == pytest.approx(math.log(2500))


def test_pictures_have_the_shapes_and_the_hu_of_the_object(scanned):
    assert scanned["clean"].shape == (3, 128, 128)
    assert scanned["full"].shape == scanned["low"].shape == (2, 3, 128, 128)
    middle = slice(54, 74)
    for name in ("clean", "full", "low"):
        assert scanned[name][..., middle, middle].mean() == pytest.approx(TISSUE_HU, abs=5)


def test_a_quarter_of_the_dose_has_twice_the_noise_and_the_same_anatomy(scanned):
    middle = slice(44, 84)
    noise = {name: np.diff(scanned[name], axis=0)[..., middle, middle].std() / math.sqrt(2) for name in ("full", "low")}
    # 4800 pixels that depend on their neighbours: 5 %.
    assert noise["low"] / noise["full"] == pytest.approx(2, rel=0.06)
    apart = (scanned["low"] - scanned["full"])[..., middle, middle]
    assert apart.std() == pytest.approx(math.sqrt(3) * noise["full"], rel=0.1)
    assert apart.mean() == pytest.approx(0, abs=2)


def test_every_section_has_chance_of_its_own_and_the_same_each_time(scanned):
    told = []
    again = scan_at_two_doses(
        bone_sections()[:1], pixel_mm=PIXEL_MM, scanner=SCANNER, repeats=2, seed=0, count=lambda *far: told.append(far)
    )
    for name in ("full", "low"):
        np.testing.assert_array_equal(again[name][:, 0], scanned[name][:, 0])
    assert told == [(1, 1)]
    noise = scanned["full"] - scanned["clean"]
    assert not np.array_equal(noise[0, 0], noise[1, 0])
    assert not np.array_equal(noise[0, 0], noise[0, 1])


def test_the_low_dose_less_the_noise_is_the_full_dose(scanned):
    settings = Settings(
        training_sections=3,
        test_sections=1,
        patches=PatchOptions(side=32, flips=False, rotations=False),
        patch_count=8,
        steps_per_epoch=2,
        training=TrainingOptions(batch=4),
    )
    low, full = scanned["low"][0], scanned["full"][0]
    source = dose_patches(low, full, pixel_mm=PIXEL_MM, settings=settings)
    batch = source.draw(range(8))
    windows = np.lib.stride_tricks.sliding_window_view(full, (32, 32), axis=(1, 2))
    for patch in (batch.sections - batch.noise).numpy()[:, 0]:
        corners = np.argwhere(np.abs(windows[..., 0, 0] - patch[0, 0]) < 1e-3)
        assert any(np.allclose(windows[tuple(corner)], patch, atol=1e-3) for corner in corners)
    # The ninth patch is the first again.
    assert (source.draw([8]).sections == batch.sections[:1]).all()


def test_the_paper_s_scale_has_its_numbers():
    assert (PAPER.patches.side, PAPER.patch_count, PAPER.scanner.dose_share) == (64, 8000, 0.25)
    assert PAPER.steps_per_epoch * PAPER.training.batch == PAPER.patch_count
