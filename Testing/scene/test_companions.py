from __future__ import annotations

import numpy as np
import pytest
import vtk

from CTDenoiseScene.companions import Companions, find_companions
from CTDenoiseScene.match_gate import measure_noise
from CTDenoiseScene.provenance import Provenance
from CTDenoiseScene.results import INPUT_ROLE, NOISE_ROLE
from CTDenoiseScene.volume_facts import NoImageError
from support.derived_series import derive
from support.header_files import HeaderFiles
from support.loaded_series import load_series

PROVENANCE = Provenance(
    model="tiny",
    version="1.0",
    weights_sha256="0" * 64,
    device="cpu",
    device_name="CPU",
    precision="fp32",
    context=1,
)
STUDY, FRAME = "1.2.826.0.1.1", "1.2.826.0.1.2"


class Exam:
    """A study that grows series by series, loaded into Slicer's scene."""

    def __init__(self, parts, make_ct_series, folder):
        self.parts, self.folder, self._make = parts, folder, make_ct_series
        self.nodes = []

    def scan(self, kernel, **options):
        number = len(self.nodes) + 1
        options = {"study_uid": STUDY, "frame_of_reference": FRAME, "series_number": number} | options
        folder = self._make(self.folder / str(number), kernel=kernel, **options)
        return self.load(folder)

    def load(self, folder):
        self.nodes.append(load_series(self.parts, folder))
        return self.nodes[-1]

    def add(self, like=None, *, name="Volume", ijk_to_ras=None):
        """A volume without headers, in the study and on the grid of another one if one is given."""
        shape = (9, 48, 40) if like is None else like.GetImageData().GetDimensions()[::-1]
        node = self.parts.add_volume(np.zeros(shape, dtype=np.int16), name=name, ijk_to_ras=ijk_to_ras)
        if like is not None:
            node.CopyOrientation(like)
            hierarchy = self.parts.subject_hierarchy
            parent = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(like))
            hierarchy.SetItemParent(hierarchy.GetItemByDataNode(node), parent)
        self.nodes.append(node)
        return node

    def denoise(self, node):
        """Output and noise as a session leaves them."""
        output, noise = self.add(node, name="denoised"), self.add(node, name="noise")
        for made in (output, noise):
            PROVENANCE.store(made)
        output.SetAttribute("CTDenoise.strength", "1")
        output.SetNodeReferenceID(INPUT_ROLE, node.GetID())
        output.SetNodeReferenceID(NOISE_ROLE, noise.GetID())
        return output

    def companions(self, around, **options):
        return find_companions(self.nodes, HeaderFiles(self.folder), around=around, **options)


@pytest.fixture
def exam(slicer_scene, make_ct_series, tmp_path):
    return Exam(slicer_scene, make_ct_series, tmp_path)


def test_smooth_and_sharp_are_told_by_the_kernel_and_denoised_by_its_input(exam):
    smooth, sharp = exam.scan("Br56"), exam.scan(("Qr89", "3"))
    denoised = exam.denoise(sharp)
    assert exam.companions(around=sharp) == Companions(smooth, sharp, denoised)


def test_around_the_smooth_one_the_sharp_one_is_proposed(exam):
    smooth, sharp = exam.scan("Br56"), exam.scan("Qr89")
    assert exam.companions(around=smooth) == Companions(smooth, sharp, None)


def test_a_smooth_one_that_was_denoised_stays_what_was_denoised(exam):
    smooth, _ = exam.scan("Br56"), exam.scan("Qr89")
    denoised = exam.denoise(smooth)
    assert exam.companions(around=smooth) == Companions(None, smooth, denoised)


def test_around_the_denoised_one_its_input_is_the_sharp_one(exam):
    smooth, sharp = exam.scan("Br56"), exam.scan("Qr89")
    denoised = exam.denoise(sharp)
    assert exam.companions(around=denoised) == Companions(smooth, sharp, denoised)


def test_the_latest_denoised_one_is_taken(exam):
    sharp = exam.scan("Qr89")
    exam.denoise(sharp)
    latest = exam.denoise(sharp)
    assert exam.companions(around=sharp).denoised is latest


def test_a_series_denoised_before_is_told_by_its_header_and_its_residual_left_out(exam, tmp_path):
    sharp = exam.scan("Qr89")
    derive(tmp_path / "1", tmp_path / "denoised")
    derive(tmp_path / "1", tmp_path / "residual", derivation={"kind": "residual"})
    denoised = exam.load(tmp_path / "denoised")
    exam.load(tmp_path / "residual")
    assert exam.companions(around=sharp) == Companions(None, sharp, denoised)
    assert exam.companions(around=denoised) == Companions(None, sharp, denoised)


def test_a_denoised_series_of_another_kernel_is_not_that_of_the_sharp_one(exam, tmp_path):
    exam.scan("Br56")
    derive(tmp_path / "1", tmp_path / "denoised")
    exam.load(tmp_path / "denoised")
    sharp = exam.scan("Qr89")
    assert exam.companions(around=sharp).denoised is None


def test_of_equal_kernels_the_thinner_sections_are_the_sharp_one(exam):
    thick, thin = exam.scan("Qr89", thickness=2.0), exam.scan("Qr89", thickness=0.4)
    assert exam.companions(around=thin) == Companions(thick, thin, None)
    assert exam.companions(around=thick) == Companions(thick, thin, None)


def test_of_several_smooth_ones_the_nearest_thickness_comes_before_the_smoothest(exam):
    exam.scan("Br40", thickness=3.0)
    smooth, _, sharp = (exam.scan(kernel, thickness=0.4) for kernel in ("Br48", "Br56", "Qr89"))
    assert exam.companions(around=sharp) == Companions(smooth, sharp, None)


def test_a_smaller_field_of_view_in_the_same_place_belongs(exam):
    sharp = exam.scan("Qr89", rows=24, columns=20, spacing=(1.0, 0.25, 0.25))
    smooth = exam.scan("Br56", sections=5, spacing=(2.0, 0.5, 0.5))
    assert exam.companions(around=sharp) == Companions(smooth, sharp, None)


@pytest.mark.parametrize("difference", ["study", "place", "plane"])
def test_volumes_of_another_study_place_or_plane_are_passed_over(exam, difference):
    sharp = exam.scan("Qr89")
    other = exam.scan("Br56", study_uid="1.2.826.0.1.9" if difference == "study" else STUDY)
    if difference == "place":
        other.SetOrigin(12.5, 20.0, 200.0)
    if difference == "plane":
        other.SetIJKToRASDirections(-1, 0, 0, 0, 0, 1, 0, -1, 0)
    assert exam.companions(around=sharp) == Companions(None, sharp, None)


def test_a_tilt_of_one_of_them_by_a_transform_counts(exam):
    sharp, smooth = exam.scan("Qr89"), exam.scan("Br56")
    transform = exam.parts.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    tilt = vtk.vtkTransform()
    tilt.RotateX(20)
    transform.SetMatrixTransformToParent(tilt.GetMatrix())
    sharp.SetAndObserveTransformNodeID(transform.GetID())
    assert exam.companions(around=sharp).smooth is None
    smooth.SetAndObserveTransformNodeID(transform.GetID())
    assert exam.companions(around=sharp).smooth is smooth


def test_the_study_of_the_subject_hierarchy_will_do_where_headers_are_gone(exam):
    scanned = exam.scan("Qr89")
    quiet, noisy = exam.add(scanned), exam.add(scanned)
    found = find_companions(exam.nodes, None, around=noisy, measure={quiet: 5.0, noisy: 40.0}.get)
    assert found == Companions(quiet, noisy, None)


def test_volumes_without_a_study_belong_together_on_one_grid(exam):
    quiet, noisy = exam.add(), exam.add()
    exam.add(ijk_to_ras=np.diag([-0.9, -1.0, 1.0, 1.0]))
    noises = dict(zip(exam.nodes, (5.0, 40.0, 2.0), strict=True))
    assert exam.companions(around=noisy, measure=noises.get) == Companions(quiet, noisy, None)


def test_noise_is_asked_for_only_where_kernel_and_thickness_do_not_tell(exam):
    sharp, _, _ = exam.scan("Qr89"), exam.scan("Br56"), exam.scan("Qr89", thickness=3.0)
    asked = []
    exam.companions(around=sharp, measure=asked.append)
    assert not asked
    exam.scan("MyKernel")
    exam.companions(around=sharp, measure=asked.append)
    assert asked


def test_what_nothing_tells_apart_is_not_proposed(exam):
    one, _ = exam.scan("MyKernel"), exam.scan("YourKernel", thickness=5.0)
    assert exam.companions(around=one) == Companions(None, one, None)
    assert exam.companions(around=one, measure=lambda node: 20.0) == Companions(None, one, None)


def test_label_maps_and_empty_volumes_are_passed_over(exam):
    sharp = exam.scan("Qr89")
    for name in ("vtkMRMLLabelMapVolumeNode", "vtkMRMLScalarVolumeNode"):
        exam.nodes.append(exam.parts.scene.AddNewNodeByClass(name))
    assert exam.companions(around=sharp) == Companions(None, sharp, None)
    with pytest.raises(NoImageError):
        exam.companions(around=exam.nodes[-1])


def test_a_deleted_input_leaves_its_denoised_volume_told_by_the_grid(exam):
    smooth, sharp = exam.scan("Br56"), exam.scan("Qr89")
    denoised = exam.denoise(smooth)
    denoised.RemoveNodeReferenceIDs(INPUT_ROLE)
    assert exam.companions(around=sharp).denoised is denoised


def test_the_real_pair_of_kernels(slicer_scene, real_data):
    folder = real_data("philips_head_phantom_kernel_pair")
    headers = HeaderFiles(folder)
    smooth, sharp = (load_series(slicer_scene, folder / name) for name in ("UB_smooth_iDose", "YA_sharp"))
    for around in (smooth, sharp):
        assert find_companions([smooth, sharp], headers, around=around) == Companions(smooth, sharp, None)
    by_noise = find_companions([smooth, sharp], None, around=smooth, measure=measure_noise)
    assert by_noise == Companions(smooth, sharp, None)
