"""The benchmark of quality compares methods by the project's own measures, and goes on where it was."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks import quality, quality_red_cnn
from benchmarks.quality_bench import compare
from benchmarks.quality_data import Column, Crop, Figures, Goal, Image, Outputs, Trial
from benchmarks.quality_mayo import MayoPairs
from benchmarks.quality_methods import BlockMatching, NonLocalMeans, OfStore, Unchanged
from benchmarks.quality_nlst import NlstChest
from benchmarks.quality_noise import Noise
from benchmarks.quality_philips import REFERENCE, PhilipsHead
from benchmarks.quality_regions import Disc, Regions, image_of
from benchmarks.quality_table import Comparison
from CTDenoiseLib.inference import Backend
from CTDenoiseTrainLib.experiments.experiment import Scale
from CTDenoiseTrainLib.experiments.workbench import Workbench
from CTDenoiseTrainLib.pairs.batch import Batch
from support.tiny_model import save_tiny_model, tiny_store

FLAT = np.array([0.5, 1.0]), np.array([1.0, 1.0])
NOISE_HU = 30.0


def white_noise(deviation: float = NOISE_HU, pixel: float = 0.5) -> Noise:
    return Noise(deviation, *FLAT, pixel_spacing=(pixel, pixel))


def noisy_discs(rng: np.random.Generator, shape=(3, 64, 64)) -> np.ndarray:
    y, x = np.mgrid[: shape[1], : shape[2]]
    clean = np.where(np.hypot(y - 32, x - 32) < 24, 50.0, -1000.0)
    return (clean + NOISE_HU * rng.standard_normal(shape)).astype(np.float32)


@pytest.fixture
def backend() -> Backend:
    return Backend.choose("cpu", "fp32")


@pytest.fixture
def bench(tmp_path, backend) -> Workbench:
    folder = tmp_path / "work"
    folder.mkdir()
    return Workbench(folder, Scale.QUICK, backend=backend, watcher=quality.Printer())


@dataclass
class OneDisc:
    """A data set in memory."""

    stack: np.ndarray
    name: str = "disc"
    title: str = "A disc"
    columns = (Column("noise", "Noise", "HU"), Column("bias", "Bias", "HU", 2), Column("context", "Sections beside"))
    rivals: tuple[str, ...] = ()
    notes = ("It is drawn.",)

    def __post_init__(self) -> None:
        self.regions = Regions((Disc(1, 32, 32, 15),), (1,), (1.0, 0.5, 0.5))
        self.images = {"disc": image_of(self.stack, (1,), self.regions)}
        self.trial = Trial((("disc", 0),), lambda image, place, picture: abs(self._noise(picture) - 8), "8 HU of noise")
        self.crops = (Crop("disc", 0, slice(8, 56), slice(8, 56), (-100.0, 200.0), (0.5, 0.5)),)

    def figures(self, outputs: Outputs) -> Figures:
        (shift,) = self.regions.shifts(self.images["disc"].input, outputs["disc"])
        return {"noise": self.regions.noise(outputs["disc"]), "bias": abs(shift)}

    def further_figures(self, method) -> Figures:
        return {"context": float(method.context)}

    def references(self) -> Mapping[str, Figures]:
        return {"a good image": {"noise": 5.0, "bias": 0.0}}

    def goals(self, rows: Mapping[str, Figures]) -> Mapping[str, Goal]:
        return {"noise": Goal(20, at_most=True), "bias": Goal(2, at_most=True)}

    def _noise(self, picture) -> float:
        return self.regions.noise(picture[np.newaxis])


class Counting:
    """Subtracts 10 HU, and counts how often."""

    name, words, context = "counting", "Counts.", 1

    def __init__(self, key: str = "counting-1") -> None:
        self.key, self.times = key, 0

    def denoise(self, window, noise):
        self.times += 1
        assert window.shape[0] == 3
        return window[1] - 10


def test_white_noise_has_equal_power_at_all_frequencies():
    power = white_noise().power_of_image((48, 32))
    np.testing.assert_allclose(power, 48 * 32 * NOISE_HU**2)


def test_coloured_noise_has_the_power_that_it_says(rng):
    frequency = np.array([0.0, 0.5, 1.0])
    noise = Noise(10.0, frequency, np.array([4.0, 1.0, 0.0]), (0.5, 0.5))
    power = noise.power_of_image((32, 32))
    drawn = np.fft.ifft2(np.sqrt(power / 32**2) * np.fft.fft2(rng.standard_normal((400, 32, 32)))).real
    assert drawn.std() == pytest.approx(10, rel=0.01)
    # Of 400 images each frequency is known within 1 / √400, all of them together far better.
    found = np.square(np.abs(np.fft.fft2(drawn))).mean(axis=0)
    assert np.abs(found - power).mean() < 0.06 * power.mean()


def test_a_level_scales_the_power_by_its_square():
    twice = white_noise().of_level(2 * NOISE_HU)
    np.testing.assert_allclose(twice.power_of_image((8, 8)), 4 * white_noise().power_of_image((8, 8)))


def test_a_window_repeats_the_ends_and_sections_that_are_alone():
    hu = np.arange(4, dtype=np.float32)[:, None, None] * np.ones((1, 2, 2), dtype=np.float32)
    noise = (white_noise(),) * 2
    assert Image(hu, (0, 2), noise).window(0, 2)[:, 0, 0].tolist() == [0, 0, 0, 1, 2]
    assert Image(hu, (0, 2), noise).window(1, 1)[:, 0, 0].tolist() == [1, 2, 3]
    assert Image(hu, (0, 2), noise, alone=True).window(1, 1)[:, 0, 0].tolist() == [2, 2, 2]


def test_regions_tell_noise_and_shift(rng):
    stack = noisy_discs(rng)
    regions = Regions((Disc(0, 32, 32, 15), Disc(2, 32, 32, 15)), (0, 1, 2), (1.0, 0.5, 0.5))
    # About 700 pixels a disc: 1 / √(2 · 1400) = 2 %.
    assert regions.noise(stack) == pytest.approx(NOISE_HU, rel=0.06)
    smaller = (50 + (stack - 50) / 4).astype(np.float32)
    assert regions.noise_reduction(stack, smaller) == pytest.approx(75)
    assert regions.shifts(stack, stack + 3) == pytest.approx([3, 3], abs=1e-3)
    noises = regions.noise_of_sections(stack)
    assert noises[1].deviation in (noises[0].deviation, noises[2].deviation)
    assert regions.of_section(2).discs == (Disc(2, 32, 32, 15),)


@pytest.mark.parametrize(
    ("goal", "figure", "reached"),
    [
        (Goal(2, at_most=True), 2.0, True),
        (Goal(2, at_most=True, strictly=True), 2.0, False),
        (Goal(70, at_most=False), 69.9, False),
        (Goal(70, at_most=False), 71.0, True),
        (Goal(70, at_most=False), None, False),
        (Goal(70, at_most=False), math.nan, False),
    ],
)
def test_a_goal_knows_what_reaches_it(goal, figure, reached):
    assert goal.is_reached(figure) is reached


@pytest.mark.parametrize("method", [NonLocalMeans(0.6), BlockMatching()], ids=lambda method: method.name)
def test_methods_without_training_take_noise_and_leave_an_edge(method, rng):
    if isinstance(method, BlockMatching) and not method.is_there():
        pytest.skip("Needs the packages bm3d and bm4d, which are for non-commercial use.")
    noisy = noisy_discs(rng)[:1]
    output = method.denoise(noisy, white_noise())
    assert output.dtype == np.float32
    assert output[20:44, 20:44].std() < NOISE_HU / 3
    assert output[32, 4] == pytest.approx(-1000, abs=20)
    assert output[32, 32] == pytest.approx(50, abs=20)


def test_a_model_of_the_store_denoises_as_it_does_elsewhere(tmp_path, rng, backend):
    model = tiny_store(tmp_path).load("tiny")
    method = OfStore(model, backend)
    window = noisy_discs(rng) + 500  # all within the range that the model saw
    scaled = torch.from_numpy(window[None] / 100)
    expected = window[1] - 100 * model.network(scaled)[0, 0].detach().numpy()
    # Winograd's convolutions round otherwise.
    np.testing.assert_allclose(method.denoise(window, white_noise()), expected, atol=0.2)
    assert method.context == 1
    assert model.card.weights.sha256[:12] in method.key


def test_a_comparison_has_a_row_for_each_image_and_says_what_is_reached(bench, rng):
    found = compare(bench, OneDisc(noisy_discs(rng)), [Counting()])
    assert list(found.rows) == ["input", "a good image", "counting", "non-local means"]
    content = found.content()
    assert content["reached"]["counting"] == {"noise": False, "bias": False}
    assert content["reached"]["non-local means"] == {"noise": True, "bias": True}
    page = found.page()
    assert "| Noise [HU] (≤ 20) |" in page
    assert "10.00 ✗" in page
    (line,) = (line for line in page.splitlines() if line.startswith("| a good image"))
    assert line == "| a good image | 5.0 | 0.00 | – |"
    assert (bench.folder / found.pictures[0]).stat().st_size > 10_000


def test_rivals_that_make_the_goals_are_not_judged(rng):
    data = OneDisc(noisy_discs(rng), rivals=("counting",))
    rows = {"input": {"noise": 30.0}, "counting": {"noise": 20.0}, "other": {"noise": 10.0}}
    comparison = Comparison(data, rows, {"counting": "Counts.", "other": "Does not."})
    assert set(comparison.content()["reached"]) == {"other"}
    assert "20.0 ✓" not in comparison.page()
    assert "10.0 ✓" in comparison.page()


def test_what_was_denoised_is_found_again_unless_method_or_images_change(bench, rng):
    stack = noisy_discs(rng)
    first, again, changed, other = Counting(), Counting(), Counting("counting-2"), Counting()
    before = compare(bench, OneDisc(stack), [first]).rows
    assert compare(bench, OneDisc(stack), [again]).rows == before
    compare(bench, OneDisc(stack), [changed])
    compare(bench, OneDisc(stack + 1), [other])
    assert [method.times for method in (first, again, changed, other)] == [1, 0, 1, 1]


def test_non_local_means_gets_the_strength_that_suits_it_best(bench, rng):
    data = OneDisc(noisy_discs(rng))
    found = compare(bench, data, []).rows["non-local means"]["noise"]
    for strength in (0.2, 0.6, 1.0, 2.0):
        noise = data.figures({"disc": data.images["disc"].denoised(NonLocalMeans(strength))})["noise"]
        assert abs(found - 8) <= abs(noise - 8) + 1e-6


def test_a_network_that_gives_back_the_image_has_found_no_noise():
    network = quality_red_cnn.PredictsImage(nn.Identity(), offset=-1.0, receptive_radius=0)
    sections = torch.randn(2, 1, 8, 8)
    assert torch.equal(network(sections), torch.zeros_like(sections))


def test_steps_are_made_to_fit_the_time():
    assert quality_red_cnn.Pace.to_fit(2.0, 200.0) == quality_red_cnn.Pace(2.0, 20, 5)
    assert quality_red_cnn.Pace.to_fit(2.0, 0.5) == quality_red_cnn.Pace(2.0, 1, 1)


def test_red_cnn_is_trained_once_and_found_again(bench, monkeypatch):
    made = []
    monkeypatch.setattr(quality_red_cnn, "pairs_of_unet", lambda *_: made.append(1) or FlatPairs())
    monkeypatch.setattr(quality_red_cnn, "red_cnn", small_network)
    settings = {"seconds": lambda: 0.5, "chests": Path("chests"), "series": Path("series")}
    assert not quality_red_cnn.is_trained(bench)
    first = quality_red_cnn.trained_red_cnn(bench, **settings)
    assert quality_red_cnn.is_trained(bench)
    assert quality_red_cnn.trained_red_cnn(bench, **settings).sha256 == first.sha256
    assert made == [1]
    method = quality_red_cnn.RedCnn(first, "cpu")
    window = 50 + 20 * np.random.default_rng(0).standard_normal((1, 40, 40)).astype(np.float32)
    output = method.denoise(window, white_noise())
    given = torch.from_numpy(window[None] / np.float32(quality_red_cnn.SCALE_HU))
    with torch.no_grad():
        noise = quality_red_cnn.SCALE_HU * first.network(given)[0, 0].numpy()
    np.testing.assert_allclose(output, window[0] - noise, atol=0.01)


def test_the_network_of_ldct_benchmark_can_be_taken():
    pytest.importorskip("ldctbench", reason="Needs the package ldct-benchmark.")
    network = quality_red_cnn.red_cnn().eval()
    assert sum(parameter.numel() for parameter in network.parameters()) == 1_848_865
    sections = torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        noise = network(sections)
        sections[0, 0, 0, 0] += 1
        changed = (network(sections) - noise).abs()[0, 0] > 1e-6
    assert noise.shape == sections.shape
    far = np.argwhere(changed.numpy()).max()
    assert far <= network.receptive_radius
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        rounded = network(sections)
    # Of the section itself nothing is rounded, only of what was found in it.
    assert (rounded - network(sections)).abs().max() < 0.02 * network.image(sections).sub(sections).abs().max()


def test_data_that_is_not_there_is_said_and_the_rest_goes_on(tmp_path, monkeypatch, capsys):
    save_tiny_model(tmp_path / "models", name="unet")
    monkeypatch.setitem(quality.DATA_SETS, "philips", lambda folder: OneDisc(noisy_discs(np.random.default_rng(0))))
    options = ["--work", str(tmp_path / "work"), "--data", str(tmp_path / "none"), "--models", str(tmp_path / "models")]
    assert quality.main([*options, "--only", "mayo,philips", "--backend", "cpu", "--precision", "fp32"]) == 0
    content = json.loads((tmp_path / "work" / "quality.json").read_text(encoding="utf-8"))
    assert list(content["data"]) == ["disc"]
    assert "unet" in content["data"]["disc"]["rows"]
    assert any(note.startswith("mayo: not measured. “") for note in content["notes"])
    assert "The store holds no model “hrcnn-uhr”." in content["notes"]
    page = (tmp_path / "work" / "quality.md").read_text(encoding="utf-8")
    assert page in capsys.readouterr().out


def test_an_unknown_data_set_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        quality.main(["--work", str(tmp_path), "--only", "nlst,moon"])
    assert "there is no moon" in capsys.readouterr().err


def test_figures_of_the_nlst_chest_are_those_of_its_own_noise(real_data):
    data = NlstChest(real_data("nlst_chest_low_dose_fc51").parent)
    chest = data.images["chest"]
    assert all(35 < noise.deviation < 60 for noise in chest.noise)
    half = {"chest": (chest.input / 2).astype(np.float32)}
    assert data.figures(half)["liver"] == pytest.approx(50, abs=1e-3)
    unchanged = data.figures({"chest": Unchanged().denoise(chest.input[None], chest.noise[0])})
    assert unchanged["aorta"] == unchanged["bias"] == 0
    assert unchanged["edges"] is None


def test_the_smooth_kernel_is_the_measure_of_the_sharp_one(real_data):
    data = PhilipsHead(real_data("philips_head_phantom_kernel_pair").parent)
    rows = {"input": data.figures({"head": data.images["head"].input}), **data.references()}
    sharp, smooth = rows["input"], rows[REFERENCE]
    assert smooth["noise"] < sharp["noise"] / 3
    assert smooth["slope"] < 0.7 * sharp["slope"]
    assert smooth["distance"] > 1.4 * sharp["distance"]
    goals = data.goals(rows)
    assert not goals["noise"].is_reached(smooth["noise"])
    assert goals["slope"].is_reached(sharp["slope"])


def test_quarter_dose_has_about_twice_the_noise_of_full_dose(real_data):
    data = MayoPairs(real_data("mayo_dose_pairs").parent)
    # Liver in the last section of D45f.
    liver = (slice(205, 255), slice(55, 105))
    noise = data.images["D45f"].noise[3].deviation
    assert data.images["D45f"].input[3][liver].std() == pytest.approx(noise, rel=0.15)
    rows = {"input": data.figures({kernel: image.input for kernel, image in data.images.items()})}
    assert not data.goals(rows)["D45f_rmse"].is_reached(rows["input"]["D45f_rmse"])
    assert data.goals(rows)["B30f_ssim"].is_reached(1.0)


class FlatPairs:
    """White noise on nothing; a `BatchSource`."""

    def draw(self, numbers):
        noise = torch.stack([torch.randn(1, 16, 16, generator=torch.Generator().manual_seed(n)) for n in numbers])
        return Batch(20 * noise, 20 * noise, torch.full((len(numbers),), 20.0))


def small_network() -> quality_red_cnn.PredictsImage:
    image = nn.Sequential(nn.Conv2d(1, 4, 5), nn.ReLU(), nn.ConvTranspose2d(4, 1, 5))
    return quality_red_cnn.PredictsImage(image, offset=0.0, receptive_radius=4, stride=8)
