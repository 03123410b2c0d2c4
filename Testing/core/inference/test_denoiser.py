from __future__ import annotations

from dataclasses import replace

import numpy as np
import psutil
import pytest
import torch

from CTDenoiseLib.inference import (
    Backend,
    Cancelled,
    Denoiser,
    DenoiseRequestError,
    MismatchError,
    NotFiniteError,
    available_devices,
)
from CTDenoiseLib.volume import Acquisition, Volume


class WatchedVolume:
    """A volume that knows what was read of it, and some sections of which cannot be read yet."""

    def __init__(self, volume, missing):
        self.volume = volume
        self.missing = set(missing)
        self.read = set()
        self.shape, self.acquisition, self.has_padding = volume.shape, volume.acquisition, volume.has_padding

    def section(self, index):
        if index in self.missing:
            raise LookupError(index)
        self.read.add(index)
        return self.volume.section(index)

    def padding_mask(self, section):
        return self.volume.padding_mask(section)


def denoised(run):
    """Outputs and noise of all sections of a run, in the order of the volume."""
    sections = sorted(run, key=lambda section: section.index)
    return np.stack([section.output for section in sections]), np.stack([section.noise for section in sections])


def volume_of(*sections):
    return Volume(np.stack(sections).astype(np.float32))


def noise_by_hand(model, volume):
    """What the unchanged network says in float32 of whole, mirrored sections, in HU."""
    card, network = model.card, model.network
    scaling, context, (_, rows, columns) = card.scaling, card.context, volume.shape
    x = (volume.hu.clip(*card.hu_range) - scaling.offset_hu) / scaling.scale_hu
    x = np.pad(x, ((context, context), (0, 0), (0, 0)), mode="edge")
    x = np.pad(x, ((0, 0), (0, -rows % network.stride), (0, -columns % network.stride)), mode="reflect")
    windows = np.stack([x[index : index + 2 * context + 1] for index in range(volume.shape[0])])
    with torch.inference_mode():
        noise = network(torch.from_numpy(windows.astype(np.float32))).numpy()
    return noise[:, 0, :rows, :columns] * scaling.scale_hu


def test_output_is_input_minus_strength_times_noise(quarter, exact, soft_tissue):
    output, noise = denoised(Denoiser(quarter, exact).sections(soft_tissue, strength=0.5))
    np.testing.assert_allclose(noise, 0.25 * soft_tissue.hu, rtol=1e-6)
    np.testing.assert_array_equal(output, soft_tissue.hu - np.float32(0.5) * noise)
    assert output.dtype == noise.dtype == np.float32


def test_strength_zero_returns_the_input(model, exact, soft_tissue):
    output, noise = denoised(Denoiser(model, exact).sections(soft_tissue, strength=0))
    np.testing.assert_array_equal(output, soft_tissue.hu)
    assert np.abs(noise).max() > 1


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (5, 7), (3, 64), (16, 20), (33, 47)])
def test_any_matrix_size_gives_what_the_network_says_of_mirrored_sections(model, exact, rng, size):
    volume = Volume(rng.normal(0, 100, (4, *size)).astype(np.float32))
    _, noise = denoised(Denoiser(model, exact).sections(volume))
    np.testing.assert_allclose(noise, noise_by_hand(model, volume), atol=2e-3)


def test_edge_sections_are_repeated_beyond_the_edges(section_before, exact, soft_tissue):
    _, noise = denoised(Denoiser(section_before, exact).sections(soft_tissue))
    np.testing.assert_allclose(noise, soft_tissue.hu[[0, 0, 0, 0, 1, 2, 3]], rtol=1e-6)


def test_fewer_sections_than_the_context_are_enough(section_before, exact, soft_tissue):
    single = Volume(soft_tissue.hu[2:3])
    _, noise = denoised(Denoiser(section_before, exact).sections(single))
    np.testing.assert_allclose(noise, single.hu, rtol=1e-6)


@pytest.mark.parametrize(("precision", "tolerance"), [("bf16", 0.5), ("fp16", 0.1)])
def test_half_precision_stays_close_to_float32(model, exact, soft_tissue, precision, tolerance):
    _, expected = denoised(Denoiser(model, exact).sections(soft_tissue))
    _, noise = denoised(Denoiser(model, Backend("cpu", precision)).sections(soft_tissue))
    assert np.sqrt(np.mean((noise - expected) ** 2)) < tolerance
    assert np.abs(noise - expected).max() > 0


def test_every_backend_of_this_machine_gives_the_same(model, exact, soft_tissue):
    expected, _ = denoised(Denoiser(model, exact).sections(soft_tissue))
    for device in available_devices():
        for precision in device.precisions:
            output, _ = denoised(Denoiser(model, Backend.choose(device.name, precision)).sections(soft_tissue))
            deviation = np.abs(output - expected).max()
            assert deviation < (0.01 if precision == "fp32" else 2.0), f"{device} in {precision}: {deviation} HU"


def test_the_model_itself_is_not_changed(model, soft_tissue):
    before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    list(Denoiser(model, Backend("cpu", "bf16")).sections(soft_tissue))
    torch.testing.assert_close(dict(model.network.state_dict()), before, rtol=0, atol=0)


def test_values_outside_what_the_model_saw_pass_through_and_are_counted(quarter, exact):
    hu = np.array([[-1025, -1024, 0.5, 3071], [3071.5, 1e30, -2048, -0.0]], dtype=np.float32)
    (section,) = Denoiser(quarter, exact).sections(volume_of(hu))
    outside = np.array([[True, False, False, False], [True, True, True, False]])
    np.testing.assert_array_equal(section.output[outside], hu[outside])
    np.testing.assert_array_equal(section.noise[outside], 0)
    np.testing.assert_allclose(section.noise[~outside], 0.25 * hu[~outside], rtol=1e-6)
    assert section.passed_through == 4


def test_padding_passes_through_section_by_section_and_is_counted(quarter, exact):
    hu = np.full((3, 4, 4), 40, dtype=np.float32)
    hu[:, 0] = -1000
    padding = np.array([[-1000, -1000], [np.nan, np.nan], [-1010, -990]], dtype=np.float32)
    run = Denoiser(quarter, exact).sections(Volume(hu, padding=padding))
    assert [section.passed_through for section in run] == [4, 0, 4]
    assert run.statistics.passed_through == 8
    output, _ = denoised(Denoiser(quarter, exact).sections(Volume(hu, padding=padding)))
    assert output[:, 0, 0].tolist() == [-1000, -750, -1000]


def test_the_network_sees_outliers_clipped_to_its_range(section_before, exact):
    bright, plain = np.full((4, 4), 30000.0), np.zeros((4, 4))
    sections = denoised(Denoiser(section_before, exact).sections(volume_of(bright, plain)))
    np.testing.assert_allclose(sections[1][1], 3071, rtol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_section_that_is_not_finite_is_named(quarter, exact, soft_tissue, value):
    hu = soft_tissue.hu.copy()
    hu[4, 3, 3] = value
    run = Denoiser(quarter, exact, batch_size=1).sections(Volume(hu))
    assert [next(run).index for _ in range(3)] == [0, 1, 2]
    with pytest.raises(NotFiniteError, match="Section 5 of 7"):
        next(run)


def test_an_overflow_in_the_network_is_an_error_not_an_image(model_of, quarter, soft_tissue):
    network = type(quarter.network)(0.0, 6e4, 0.0)
    with pytest.raises(NotFiniteError, match="section 1: its numbers overflow in fp16"):
        list(Denoiser(model_of(network), Backend("cpu", "fp16")).sections(Volume(soft_tissue.hu * 10)))


def test_another_modality_is_refused_before_anything_is_computed(quarter, exact, soft_tissue):
    volume = replace(soft_tissue, acquisition=Acquisition(modality="PT"))
    with pytest.raises(MismatchError):
        Denoiser(quarter, exact).sections(volume)


@pytest.mark.parametrize("strength", [-0.01, 1.01, float("nan")])
def test_a_strength_outside_its_range_is_refused(quarter, exact, soft_tissue, strength):
    with pytest.raises(DenoiseRequestError, match="strength must be between 0 and 1"):
        Denoiser(quarter, exact).sections(soft_tissue, strength=strength)


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_size_below_one_is_refused(quarter, exact, batch_size):
    with pytest.raises(DenoiseRequestError, match="batch size"):
        Denoiser(quarter, exact, batch_size=batch_size)


@pytest.mark.parametrize("order", [[7], [-1], [1, 1], []])
def test_an_order_that_makes_no_sense_is_refused(quarter, exact, soft_tissue, order):
    with pytest.raises(DenoiseRequestError, match="order"):
        Denoiser(quarter, exact).sections(soft_tissue, order=order)


@pytest.mark.parametrize("batch_size", [1, 2, 5, 40])
def test_the_order_and_the_batch_size_change_no_result(model, exact, soft_tissue, batch_size):
    expected, _ = denoised(Denoiser(model, exact).sections(soft_tissue))
    run = list(Denoiser(model, exact, batch_size=batch_size).sections(soft_tissue, order=[5, 0, 6, 3]))
    assert [section.index for section in run] == [5, 0, 6, 3]
    for section in run:
        np.testing.assert_allclose(section.output, expected[section.index], atol=1e-3)


def test_progress_counts_up_to_the_end(quarter, exact, soft_tissue):
    seen = []
    list(Denoiser(quarter, exact, batch_size=2).sections(soft_tissue, order=[1, 2, 4], on_progress=seen.append))
    assert [(progress.done, progress.total) for progress in seen] == [(1, 3), (2, 3), (3, 3)]
    assert all(progress.sections_per_second > 0 for progress in seen)
    assert seen[0].seconds_remaining == pytest.approx(2 / seen[0].sections_per_second)
    assert seen[-1].seconds_remaining == 0


def test_cancelling_takes_effect_before_the_next_batch(quarter, exact, soft_tissue):
    run = Denoiser(quarter, exact, batch_size=2).sections(soft_tissue, cancelled=lambda: run.statistics.sections >= 3)
    with pytest.raises(Cancelled, match="after 4 of 7 sections"):
        list(run)


def test_cancelling_takes_effect_within_a_section(model, exact, soft_tissue):
    asked = []
    run = Denoiser(model, exact).sections(soft_tissue, cancelled=lambda: asked.append(1) or len(asked) >= 5)
    with pytest.raises(Cancelled, match="after 0 of 7 sections"):
        next(run)
    assert len(asked) == 5


def test_nothing_of_a_cancelled_run_is_left_in_the_next(model, exact, soft_tissue):
    denoiser = Denoiser(model, exact)
    expected, _ = denoised(denoiser.sections(soft_tissue))
    asked = []
    with pytest.raises(Cancelled):
        list(denoiser.sections(soft_tissue, cancelled=lambda: asked.append(1) or len(asked) > 9))
    np.testing.assert_array_equal(denoised(denoiser.sections(soft_tissue))[0], expected)
    assert len(asked) == 10


def test_prioritised_sections_come_next_and_the_rest_in_its_order(quarter, exact, soft_tissue):
    run = Denoiser(quarter, exact, batch_size=1).sections(soft_tissue)
    seen = [next(run).index]
    run.prioritise([5, 3])
    seen += [section.index for section in run]
    assert seen == [0, 5, 3, 1, 2, 4, 6]


def test_later_priorities_go_before_earlier_ones(quarter, exact, soft_tissue):
    run = Denoiser(quarter, exact, batch_size=1).sections(soft_tissue)
    run.prioritise([5, 3])
    run.prioritise([6])
    assert [section.index for section in run] == [6, 5, 3, 0, 1, 2, 4]


def test_sections_that_are_done_or_not_asked_for_are_not_prioritised(quarter, exact, soft_tissue):
    run = Denoiser(quarter, exact, batch_size=1).sections(soft_tissue, order=[2, 4, 6])
    next(run)
    run.prioritise([2, 3, 6, 6, -1, 99])
    assert [section.index for section in run] == [6, 4]


def test_prioritised_sections_are_a_batch_of_their_own(quarter, exact, soft_tissue):
    volume = WatchedVolume(soft_tissue, missing=())
    run = Denoiser(quarter, exact, batch_size=4).sections(volume)
    run.prioritise([5])
    next(run)
    # One section of context on each side.
    assert volume.read == {4, 5, 6}


def test_more_prioritised_sections_than_a_batch_takes_are_several_batches(quarter, exact, soft_tissue):
    run = Denoiser(quarter, exact, batch_size=2).sections(soft_tissue)
    run.prioritise([6, 5, 4])
    assert [section.index for section in run] == [6, 5, 4, 0, 1, 2, 3]
    assert run.statistics.sections == 7


def test_priorities_change_no_result(model, exact, soft_tissue):
    expected, _ = denoised(Denoiser(model, exact).sections(soft_tissue))
    run = Denoiser(model, exact, batch_size=3).sections(soft_tissue)
    run.prioritise([4])
    first = next(run)
    run.prioritise([1, 6])
    output = {section.index: section.output for section in (first, *run)}
    np.testing.assert_allclose([output[index] for index in range(7)], expected, atol=1e-3)


def test_a_run_goes_on_after_a_section_could_not_be_read(quarter, exact, soft_tissue):
    volume = WatchedVolume(soft_tissue, missing={4})
    run = Denoiser(quarter, exact, batch_size=1).sections(volume)
    seen = [next(run).index for _ in range(3)]
    with pytest.raises(LookupError):
        next(run)
    run.prioritise([6])
    volume.missing.clear()
    seen += [section.index for section in run]
    assert seen == [0, 1, 2, 6, 3, 4, 5]


def test_statistics_tell_what_the_run_did(quarter, exact, soft_tissue):
    run = Denoiser(quarter, exact, batch_size=3).sections(soft_tissue)
    assert run.statistics.sections == 0
    assert run.statistics.sections_per_second == 0
    list(run)
    statistics = run.statistics
    assert (statistics.sections, statistics.batch_size, statistics.tiles, statistics.notes) == (7, 3, 1, ())
    assert statistics.sections_per_second == pytest.approx(7 / statistics.seconds)


def test_a_memory_mapped_volume_is_denoised_like_any_other(model, exact, soft_tissue, tmp_path):
    np.save(tmp_path / "volume.npy", soft_tissue.hu)
    mapped = Volume(np.load(tmp_path / "volume.npy", mmap_mode="r"))
    expected, _ = denoised(Denoiser(model, exact).sections(soft_tissue))
    output, _ = denoised(Denoiser(model, exact).sections(mapped))
    np.testing.assert_array_equal(output, expected)


def test_memory_does_not_grow_with_the_number_of_sections(quarter, exact, rng):
    # One section of 64 KiB, read five hundred times: what is kept of each would show as 32 MiB or more.
    section = rng.normal(0, 100, (1, 128, 128)).astype(np.float32)
    volume = Volume(np.broadcast_to(section, (550, 128, 128)))
    process = psutil.Process()
    run = Denoiser(quarter, exact, batch_size=8).sections(volume)
    for _ in range(50):
        next(run)
    before = process.memory_info().rss
    for _ in range(500):
        next(run)
    assert process.memory_info().rss - before < 8 * 2**20


def test_no_input_is_written_to(quarter, exact, rng):
    hu = rng.normal(0, 100, (3, 8, 8)).astype(np.float32)
    before = hu.copy()
    for section in Denoiser(quarter, exact).sections(Volume(hu)):
        section.output[:] = 0
    np.testing.assert_array_equal(hu, before)
