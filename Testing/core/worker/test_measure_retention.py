"""The retention of small vessels as a job of the worker."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.measure.small_vessels.retention import NoPlaceForVesselsError, VesselTest, retention_map
from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.worker import measure_retention
from CTDenoiseLib.worker.job import JobState
from CTDenoiseLib.worker.measure_messages import MeasureRetention
from CTDenoiseLib.worker.messages import JobProgress
from CTDenoiseLib.worker.sample import Sample
from support.export_jobs import HeardDesk, lay_down

SPACING = (1.0, 0.8, 0.8)
SECTIONS = (3, 4, 5)


@pytest.fixture(scope="module")
def hu():
    """Uniform soft tissue with noise, nine sections."""
    return np.rint(50 + 20 * np.random.default_rng(2).standard_normal((9, 64, 64))).astype(np.int16)


@pytest.fixture
def ask(hu, tmp_path):
    def request(values=hu, **changes):
        sample = Sample(
            file=lay_down(tmp_path, values[list(SECTIONS)], Geometry()).file,
            sections=SECTIONS,
            sections_in_all=9,
            spacing=SPACING,
            padding_hu=None,
        )
        return MeasureRetention(**({"sample": sample, "section": 4, "strength": 0.5} | changes))

    return request


@pytest.fixture
def desk(small_model):
    heard = HeardDesk()
    heard.desk.begin(Denoiser(ModelStore(None, small_model).load("tiny"), Backend.choose("cpu", "fp32")))
    return heard


def test_it_is_that_of_the_model_at_the_strength(ask, desk, hu):
    found = measure_retention.run(ask(), desk.desk)
    denoiser = desk.desk.denoiser

    def denoise(window):
        (section,) = denoiser.sections(Volume(window), strength=0.5, order=(1,))
        return section.output

    volume = Volume(hu.astype(np.float32), Geometry(spacing=SPACING))
    expected = retention_map(denoise, volume, context=1, test=VesselTest(section=4))
    assert found.cells == expected.cells
    assert (found.section, found.blur_mm, found.noise_hu) == (4, expected.blur, expected.noise_hu)
    assert desk.of(JobProgress)[-1].done == desk.of(JobProgress)[-1].total


def test_without_subtraction_all_is_left(ask, desk):
    found = measure_retention.run(ask(strength=0.0), desk.desk)
    assert [cell.share for cell in found.cells] == pytest.approx([1.0] * len(found.cells), abs=1e-4)


def test_a_section_without_soft_tissue_is_refused(ask, desk, hu):
    with pytest.raises(NoPlaceForVesselsError):
        measure_retention.run(ask(hu - 1000), desk.desk)


def test_it_can_be_cancelled(ask, desk):
    desk.desk.cancel()
    with pytest.raises(Cancelled):
        measure_retention.run(ask(), desk.desk)


def test_the_worker_does_it_with_the_model_that_was_loaded(bench, ask):
    assert bench.finish(bench.client.run(ask())).state is JobState.DONE


def test_without_a_model_it_is_said(own_bench, ask):
    said = []
    job = own_bench.client.run(ask())
    job.failed.connect(said.append)
    own_bench.finish(job)
    assert "model" in said[0]
