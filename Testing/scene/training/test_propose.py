"""Sources of pairs for what is loaded: the best comes first, and each says why it applies or not."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest

from CTDenoiseScene.match_gate import measure_noise
from CTDenoiseScene.volume_facts import NoImageError
from CTDenoiseTrainLib.recipe.content import DataOptions
from CTDenoiseTrainScene.propose import propose_sources
from support.ct_series import anatomy
from support.header_files import HeaderFiles
from support.loaded_series import load_series

STUDY, FRAME = "1.2.826.0.1.1", "1.2.826.0.1.2"


class Exam:
    """A study that grows series by series, loaded into Slicer's scene."""

    def __init__(self, parts, make_ct_series, folder):
        self.parts, self.folder, self._make = parts, folder, make_ct_series
        self.nodes = []

    def scan(self, *, header=None, **options):
        """A series of 20 sections with kernel Qr89, with these attributes in its headers."""
        number = len(self.nodes) + 1
        given = {"study_uid": STUDY, "frame_of_reference": FRAME, "series_number": number, "sections": 20}
        folder = self._make(self.folder / str(number), **(given | {"description": f"S{number}"} | options))
        for path in folder.iterdir():
            instance = pydicom.dcmread(path)
            for keyword, value in (header or {}).items():
                setattr(instance, keyword, value)
            instance.save_as(path)
        self.nodes.append(load_series(self.parts, folder))
        return self.nodes[-1]

    def proposals(self, around, **options):
        """By source."""
        found = propose_sources(self.nodes, HeaderFiles(self.folder), around=around, **options)
        return {proposal.source: proposal for proposal in found}

    def best(self, around, **options):
        return next(iter(self.proposals(around, **options).values()))


@pytest.fixture
def exam(slicer_scene, make_ct_series, tmp_path):
    return Exam(slicer_scene, make_ct_series, tmp_path)


SIEMENS = {"Manufacturer": "SIEMENS"}


@pytest.mark.parametrize("chosen", [0, 1])
def test_two_reconstructions_of_one_kernel_give_noise_maps_whichever_is_chosen(exam, chosen):
    nodes = [exam.scan(header=SIEMENS), exam.scan(kernel=["Qr89", "3"], header=SIEMENS)]
    best = exam.best(nodes[chosen])
    assert (best.source, best.method) == ("noise-maps", "reconstructions")
    assert (best.case.noisy, best.case.iterative) == tuple(nodes)
    assert "filtered back-projection" in best.reason


def test_a_smoother_kernel_gives_a_pair_and_says_what_that_costs(exam):
    sharp, smooth = exam.scan(kernel="Qr89"), exam.scan(kernel="Br56")
    for chosen in (sharp, smooth):
        best = exam.best(chosen)
        assert best.source == "kernel-pairs"
        assert (best.case.noisy, best.case.clean) == (sharp, smooth)
        assert "low resolution too" in best.reason


def test_more_exposure_of_one_kernel_gives_pairs_of_dose(exam):
    low, full = exam.scan(header={"Exposure": 50}), exam.scan(header={"Exposure": 200})
    for chosen in (low, full):
        best = exam.best(chosen)
        assert best.source == "dose-pairs"
        assert (best.case.noisy, best.case.clean) == (low, full)


def test_where_headers_say_nothing_of_dose_the_noise_does(exam):
    quiet = exam.scan(hu=anatomy((20, 48, 40), noise_hu=10.0), header={"Exposure": None})
    loud = exam.scan(hu=anatomy((20, 48, 40), noise_hu=40.0), header={"Exposure": None})
    measured = {quiet: 10.0, loud: 40.0}
    best = exam.best(loud, measure=measured.get)
    assert best.source == "dose-pairs"
    assert (best.case.noisy, best.case.clean) == (loud, quiet)
    assert exam.best(loud, measure=lambda node: 20.0).source == "self-supervised"


def test_scans_at_other_times_are_repeats_and_three_of_them_averages_too(exam):
    first, second = exam.scan(seed=1), exam.scan(seed=2, header={"AcquisitionTime": "101600"})
    proposals = exam.proposals(first)
    assert next(iter(proposals)) == "repeats"
    assert proposals["repeats"].case.repeats == (first, second)
    assert not proposals["averages"].applies
    third = exam.scan(seed=3, header={"AcquisitionTime": "101700"})
    assert exam.proposals(first)["averages"].case.repeats == (first, second, third)


def test_a_copy_of_the_same_scan_is_no_repeat(exam):
    first, _copy = exam.scan(seed=1), exam.scan(seed=1)
    assert not exam.proposals(first)["repeats"].applies


def test_one_series_alone_teaches_itself(exam):
    node = exam.scan()
    best = exam.best(node)
    assert (best.source, best.sections_apart) == ("self-supervised", 3)
    assert best.case.noisy is node


def test_overlapping_sections_are_subtracted_farther_apart(exam):
    node = exam.scan(sections=40, thickness=5.0)
    assert exam.best(node).sections_apart == 6
    assert exam.best(node).apply(DataOptions(source="repeats", cases=())).sections_apart == 6


def test_with_too_few_sections_nothing_applies_and_each_says_why(exam):
    node = exam.scan(sections=9)
    proposals = exam.proposals(node)
    assert not any(proposal.applies for proposal in proposals.values())
    assert "9 sections" in proposals["self-supervised"].reason
    assert all(proposal.reason.endswith(".") for proposal in proposals.values())
    assert len(proposals) == 7


def test_thicker_sections_of_the_same_place_give_pairs_of_resolution(exam):
    fine = exam.scan()
    coarse = exam.scan(sections=10, spacing=(2.0, 0.5, 0.5), thickness=2.0)
    proposal = exam.proposals(coarse)["resolution-pairs"]
    assert (proposal.case.noisy, proposal.case.clean) == (coarse, fine)


def test_a_thinner_section_with_larger_pixels_is_neither_finer_nor_coarser(exam):
    node = exam.scan()
    exam.scan(sections=10, spacing=(2.0, 0.25, 0.25), rows=96, columns=80, thickness=2.0)
    assert not exam.proposals(node)["resolution-pairs"].applies


def test_series_of_another_study_are_passed_over(exam):
    sharp = exam.scan(kernel="Qr89")
    exam.scan(kernel="Br56", study_uid="1.2.826.0.1.3")
    assert exam.best(sharp).source == "self-supervised"


def test_results_previews_and_empty_volumes_are_passed_over(exam, slicer_scene):
    node = exam.scan()
    for attribute in ("CTDenoise.training", "CTDenoise.strength"):
        made = slicer_scene.add_volume(np.zeros((20, 48, 40), np.int16))
        made.CopyOrientation(node)
        made.SetAttribute(attribute, "1")
        exam.nodes.append(made)
    hollow = slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Hollow")
    exam.nodes.append(hollow)
    assert [source for source, proposal in exam.proposals(node).items() if proposal.applies] == ["self-supervised"]
    with pytest.raises(NoImageError):
        exam.proposals(hollow)


def test_the_real_pair_of_kernels(slicer_scene, real_data):
    folder = real_data("philips_head_phantom_kernel_pair")
    nodes = [load_series(slicer_scene, folder / name) for name in ("YA_sharp", "UB_smooth_iDose")]
    found = propose_sources(nodes, HeaderFiles(folder), around=nodes[0], measure=measure_noise)
    assert [proposal.source for proposal in found if proposal.applies] == ["kernel-pairs", "self-supervised"]
    assert (found[0].case.noisy, found[0].case.clean) == tuple(nodes)
