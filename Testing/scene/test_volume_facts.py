from __future__ import annotations

import numpy as np
import pytest
import vtk

from CTDenoiseScene.headers import instance_uids
from CTDenoiseScene.volume_facts import NoImageError, volume_facts
from support.header_files import HeaderFiles
from support.loaded_series import load_series

AXIAL = np.diag([-0.4, -0.5, 2.0, 1.0])
CORONAL = np.array([[-0.4, 0, 0, 0], [0, 0, 2.0, 0], [0, -0.5, 0, 0], [0, 0, 0, 1.0]])
SAGITTAL = np.array([[0, 0, 2.0, 0], [0.4, 0, 0, 0], [0, -0.5, 0, 0], [0, 0, 0, 1.0]])


@pytest.fixture
def add(slicer_scene):
    """Adds a volume of 3 sections of 8 columns × 6 rows."""

    def add_volume(ijk_to_ras=AXIAL, name="CT"):
        return slicer_scene.add_volume(np.zeros((3, 6, 8), dtype=np.int16), name=name, ijk_to_ras=ijk_to_ras)

    return add_volume


@pytest.fixture
def under(slicer_scene):
    """Puts a volume under a transform."""

    def put(node, matrix=None, transform=None):
        parent = slicer_scene.scene.AddNewNodeByClass("vtkMRMLTransformNode")
        if matrix is not None:
            vtk_matrix = vtk.vtkMatrix4x4()
            vtk_matrix.DeepCopy(np.asarray(matrix, dtype=float).ravel())
            parent.SetMatrixTransformToParent(vtk_matrix)
        else:
            parent.SetAndObserveTransformToParent(transform)
        node.SetAndObserveTransformNodeID(parent.GetID())

    return put


def test_a_volume_from_nowhere_has_the_facts_of_its_grid(add):
    facts = volume_facts(add(name="Head"))
    assert facts.name == "Head"
    assert (facts.sections, facts.rows, facts.columns) == (3, 6, 8)
    assert facts.pixel_spacing == pytest.approx((0.5, 0.4))
    assert facts.increment == pytest.approx(2.0)
    assert facts.orientation == "axial"
    assert facts.modality is facts.section_thickness is facts.padding_hu is facts.study_uid is None
    assert facts.kernel == ()
    assert facts.sentence == (
        "modality unknown, kernel unknown, 3 axial sections of 8 × 6, pixels of 0.4 × 0.5 mm, 2 mm apart, "
        "thickness unknown"
    )


def test_a_volume_from_dicom_has_the_facts_of_its_header(slicer_scene, make_ct_series, tmp_path):
    make_ct_series(tmp_path, kernel=("Qr89", "3"), thickness=0.4, spacing=(0.2, 0.15, 0.15), padding=-2000)
    node = load_series(slicer_scene, tmp_path)
    headers = HeaderFiles(tmp_path)
    facts = volume_facts(node, headers)
    assert facts.modality == "CT"
    assert facts.kernel == ("Qr89", "3")
    assert facts.section_thickness == 0.4
    assert facts.padding_hu == (-2000, -2000)
    assert facts.description == "Synthetic thorax"
    assert facts.study_uid == headers.value(instance_uids(node)[0], "0020,000D")
    assert facts.series_uid == headers.value(instance_uids(node)[0], "0020,000E")
    assert facts.sentence == (
        "CT, kernel Qr89/3, 9 axial sections of 40 × 48, pixels of 0.15 mm, 0.2 mm apart, 0.4 mm thick"
    )


def test_facts_for_the_match_are_those_of_the_volume_with_its_noise(slicer_scene, make_ct_series, tmp_path):
    make_ct_series(tmp_path, thickness=0.4, spacing=(0.2, 0.15, 0.25))
    facts = volume_facts(load_series(slicer_scene, tmp_path), HeaderFiles(tmp_path)).image_facts(noise_hu=12.5)
    assert (facts.modality, facts.kernel, facts.section_thickness, facts.noise_hu) == ("CT", ("Qr89",), 0.4, 12.5)
    assert facts.pixel_spacing == pytest.approx((0.15, 0.25))
    assert facts.increment == pytest.approx(0.2)


def test_headers_that_are_gone_leave_the_facts_of_the_grid(slicer_scene, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "series")
    node = load_series(slicer_scene, tmp_path / "series")
    facts = volume_facts(node, HeaderFiles(tmp_path / "elsewhere"))
    assert facts.sections == 9
    assert facts.modality is None


def test_a_volume_denoised_here_has_the_header_facts_of_its_input(slicer_scene, make_ct_series, add, tmp_path):
    make_ct_series(tmp_path, kernel="Qr89")
    output = add()
    output.SetNodeReferenceID("CTDenoise.input", load_series(slicer_scene, tmp_path).GetID())
    facts = volume_facts(output, HeaderFiles(tmp_path))
    assert facts.kernel == ("Qr89",)
    assert facts.sections == 3


@pytest.mark.parametrize(
    ("ijk_to_ras", "plane"), [(AXIAL, "axial"), (CORONAL, "coronal"), (SAGITTAL, "sagittal"), (-CORONAL, "coronal")]
)
def test_the_plane_is_told_by_the_direction_across_sections(add, ijk_to_ras, plane):
    assert volume_facts(add(ijk_to_ras)).orientation == plane


def rotation(degrees: float) -> np.ndarray:
    """About the left-right axis."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1, 0, 0, 5], [0, cosine, -sine, 0], [0, sine, cosine, 0], [0, 0, 0, 1]])


@pytest.mark.parametrize(("degrees", "plane"), [(5, "axial"), (20, "oblique"), (90, "coronal")])
def test_a_rotation_of_the_parent_turns_the_plane_and_keeps_the_spacing(add, under, degrees, plane):
    node = add()
    under(node, rotation(degrees))
    facts = volume_facts(node)
    assert facts.orientation == plane
    assert facts.pixel_spacing == pytest.approx((0.5, 0.4))
    assert facts.increment == pytest.approx(2.0)


def test_a_scaling_of_the_parent_changes_the_spacing(add, under):
    node = add()
    under(node, np.diag([2.0, 3.0, 0.5, 1.0]))
    facts = volume_facts(node)
    assert facts.pixel_spacing == pytest.approx((1.5, 0.8))
    assert facts.increment == pytest.approx(1.0)


def test_under_a_warp_the_spacing_is_that_at_the_centre(add, under):
    warp = vtk.vtkThinPlateSplineTransform()
    places = [(x, y, z) for x in (-9.0, 9.0) for y in (-9.0, 9.0) for z in (-9.0, 9.0)]
    source, target = vtk.vtkPoints(), vtk.vtkPoints()
    for place in places:
        source.InsertNextPoint(place)
        target.InsertNextPoint(*(2 * coordinate for coordinate in place))
    warp.SetSourceLandmarks(source)
    warp.SetTargetLandmarks(target)
    warp.SetBasisToR()
    node = add()
    under(node, transform=warp)
    assert volume_facts(node).pixel_spacing == pytest.approx((1.0, 0.8), rel=1e-3)


def test_a_node_without_an_image_is_refused_by_name(slicer_scene):
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty")
    with pytest.raises(NoImageError, match="“Empty” holds no image"):
        volume_facts(node)


def test_a_real_chest(slicer_scene, real_data):
    folder = real_data("nlst_chest_low_dose_fc51")
    facts = volume_facts(load_series(slicer_scene, folder), HeaderFiles(folder))
    assert facts.sentence == (
        "CT, kernel FC51, 143 axial sections of 512 × 512, pixels of 0.54 mm, 2 mm apart, 2 mm thick"
    )
