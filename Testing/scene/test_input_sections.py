from __future__ import annotations

import numpy as np
import pytest
import vtk
from vtk.util.numpy_support import numpy_to_vtk

from CTDenoiseScene.input_sections import InputError, InputSections
from support.ct_series import anatomy
from support.slicer_scene import SlicerScene


@pytest.mark.parametrize("stored", [np.int16, np.int32, np.uint8, np.uint16, np.int64])
def test_whole_numbers_become_int16(slicer_scene: SlicerScene, stored: type) -> None:
    hu = np.abs(anatomy()) % 250 if np.dtype(stored).kind == "u" else anatomy()
    source = InputSections(slicer_scene.add_volume(hu.astype(stored)))
    assert source.shape == hu.shape
    assert source.dtype == np.int16
    assert source.section(3).dtype == np.int16
    assert np.array_equal(source.section(3), hu[3])


@pytest.mark.parametrize("stored", [np.float32, np.float64])
def test_real_numbers_become_float32(slicer_scene: SlicerScene, stored: type) -> None:
    hu = anatomy() + 0.25
    source = InputSections(slicer_scene.add_volume(hu.astype(stored)))
    assert source.dtype == np.float32
    assert np.array_equal(source.section(8), hu[8])


def test_int16_is_not_copied(slicer_scene: SlicerScene) -> None:
    node = slicer_scene.add_volume(anatomy().astype(np.int16))
    values = InputSections(node).section(0)
    values[0, 0] = 1234
    assert node.GetImageData().GetScalarComponentAsDouble(0, 0, 0, 0) == 1234


@pytest.mark.parametrize("value", [40_000, -32_769])
def test_a_value_beyond_int16_is_refused_with_its_section(slicer_scene: SlicerScene, value: int) -> None:
    hu = anatomy().astype(np.int32)
    hu[4, 5, 6] = value
    source = InputSections(slicer_scene.add_volume(hu, name="exam"))
    source.section(3)
    with pytest.raises(InputError, match=f"Section 5 of “exam” holds the value {value}, .* rescaling"):
        source.section(4)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_a_value_that_is_not_finite_is_refused_with_its_section(slicer_scene: SlicerScene, value: float) -> None:
    hu = anatomy().astype(np.float64)
    hu[0, 5, 6] = value
    source = InputSections(slicer_scene.add_volume(hu, name="exam"))
    with pytest.raises(InputError, match="Section 1 of “exam” holds values that are not finite"):
        source.section(0)


def test_colours_are_refused(slicer_scene: SlicerScene) -> None:
    node = slicer_scene.add_volume(anatomy().astype(np.int16), name="photo")
    colours = numpy_to_vtk(np.zeros((anatomy().size, 3), np.uint8), deep=True)
    node.GetImageData().GetPointData().SetScalars(colours)
    with pytest.raises(InputError, match="“photo” holds colours or vectors"):
        InputSections(node)


def test_a_node_without_an_image_is_refused(slicer_scene: SlicerScene) -> None:
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    with pytest.raises(InputError, match="“empty” holds no image"):
        InputSections(node)
    node.SetAndObserveImageData(vtk.vtkImageData())
    with pytest.raises(InputError, match="“empty” holds no image"):
        InputSections(node)


def test_an_image_that_was_replaced_is_noticed(slicer_scene: SlicerScene) -> None:
    node = slicer_scene.add_volume(anatomy().astype(np.int16), name="exam")
    source = InputSections(node)
    node.SetAndObserveImageData(slicer_scene.add_volume(anatomy((3, 8, 8)).astype(np.int16)).GetImageData())
    with pytest.raises(InputError, match="image of “exam” was replaced"):
        source.section(0)
