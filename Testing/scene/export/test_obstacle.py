"""Why a result cannot be saved, in sentences."""

from __future__ import annotations

import pytest

from CTDenoiseScene.export import JobSessionState, SaveReport, SaveSeries, SaveVolume, export_obstacle
from support.denoised_volume import input_of, noise_of
from support.header_files import HeaderFiles

KINDS = [SaveSeries, SaveVolume, SaveReport]


@pytest.mark.parametrize("kind", KINDS)
def test_a_finished_result_has_none(output, exporter, kind):
    assert export_obstacle(output, kind, exporter.headers) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_another_volume_or_none_cannot_be_saved(output, exporter, kind):
    for node in (None, input_of(output), noise_of(output)):
        assert export_obstacle(node, kind, exporter.headers) == "Choose a denoised volume, or denoise one first."


@pytest.mark.parametrize("kind", KINDS)
def test_all_sections_must_be_denoised(load, source, exporter, kind):
    output = load(source, sections="2-4,6")
    sentence = "4 of 9 sections are denoised; denoise all of them first."
    assert export_obstacle(output, kind, exporter.headers) == sentence
    place = {"folder" if kind is SaveSeries else "path": source.parent / "out.png"}
    assert exporter.start(output, kind(**place)).failure == sentence


@pytest.mark.parametrize("headers", [None, HeaderFiles()])
def test_a_series_needs_the_files_of_its_source(output, headers):
    assert "not in the DICOM database" in export_obstacle(output, SaveSeries, headers)
    assert export_obstacle(output, SaveVolume, headers) == ""
    assert export_obstacle(output, SaveReport, headers) == ""


def test_a_series_needs_a_source_in_dicom(output, exporter):
    input_of(output).RemoveAttribute("DICOM.instanceUIDs")
    assert "was not loaded from DICOM" in export_obstacle(output, SaveSeries, exporter.headers)


def test_series_and_report_need_the_input(slicer_scene, output, exporter):
    slicer_scene.scene.RemoveNode(input_of(output))
    assert "removed from the scene" in export_obstacle(output, SaveSeries, exporter.headers)
    assert "compares the result with its input" in export_obstacle(output, SaveReport, exporter.headers)
    assert export_obstacle(output, SaveVolume, exporter.headers) == ""


def test_a_folder_with_something_in_it_is_refused_before_any_work(output, exporter, source):
    session = exporter.start(output, SaveSeries(folder=source))
    assert session.state is JobSessionState.FAILED
    assert "not empty" in session.failure
