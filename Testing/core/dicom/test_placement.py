"""Which section of a volume is which image, told by where both lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from CTDenoiseLib.dicom.errors import MixedSectionsError
from CTDenoiseLib.dicom.placement import PlacementError, place_in_series
from CTDenoiseLib.dicom.series import Series, SliceReference
from CTDenoiseLib.volume import Acquisition, Geometry
from support.export_jobs import turned

SHAPE = (6, 5, 4)


def series(*, axes=None, spacing=(2.0, 0.5, 0.7), count=6, digits=None) -> Series:
    """Images along the third of three axes (x, y, z), positions rounded to so many digits."""
    across, down, along = np.eye(3) if axes is None else axes
    positions = np.array([10.0, -20.0, 30.0]) + np.arange(count)[:, None] * spacing[0] * along
    if digits is not None:
        positions = positions.round(digits)
    slices = [
        SliceReference(Path(f"{index}.dcm"), None, "1.2", f"1.2.{index}", tuple(position), index)
        for index, position in enumerate(positions.tolist())
    ]
    return Series(
        uid="1",
        study_uid="2",
        frame_of_reference_uid="3",
        number=1,
        acquisition=Acquisition(),
        pixel_spacing=spacing[1:],
        rows=SHAPE[1],
        columns=SHAPE[2],
        orientation=(tuple(across.tolist()), tuple(down.tolist())),
        slices=tuple(slices),
        transfer_syntax_uid="1.2.840.10008.1.2.1",
    )


def geometry_of(source: Series, *, increment=2.0) -> Geometry:
    across, down = source.orientation
    return Geometry(
        spacing=(increment, *source.pixel_spacing),
        origin=source.slices[0].position,
        direction=(source.normal, down, across),
    )


@given(seed=st.integers(0, 2**32 - 1), axes=st.sets(st.integers(0, 2)))
def test_any_orientation_stored_any_way_round_is_matched(seed, axes):
    source = series(axes=Rotation.random(random_state=seed).as_matrix())
    indices = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    values, geometry = turned(indices, geometry_of(source), tuple(axes))
    placement = place_in_series(source, SHAPE, geometry)
    images = np.stack([placement.as_image(values[section]) for section in placement.sections])
    np.testing.assert_array_equal(images, indices)
    assert placement.series == source


def test_positions_rounded_to_a_hundredth_of_a_mm_are_matched_to_the_last_section():
    source = series(spacing=(0.3333, 0.2, 0.2), count=1000, digits=2)
    geometry = geometry_of(source, increment=(source.slices[-1].position[2] - 30.0) / 999)
    assert place_in_series(source, (1000, *SHAPE[1:]), geometry).sections == tuple(range(1000))


def test_a_single_section_is_matched():
    source = series(count=1)
    assert place_in_series(source, (1, *SHAPE[1:]), geometry_of(source)).sections == (0,)


def test_images_that_the_volume_lacks_are_left_out():
    source = series()
    geometry = replace(geometry_of(source), origin=source.slices[2].position)
    placement = place_in_series(source, (3, *SHAPE[1:]), geometry)
    assert placement.series.slices == source.slices[2:5]
    assert placement.sections == (0, 1, 2)


def test_images_of_a_tilted_gantry_are_refused():
    along = np.array([0.0, np.sin(np.radians(5)), np.cos(np.radians(5))])
    source = series(axes=(np.eye(3)[0], np.eye(3)[1], along))
    with pytest.raises(PlacementError, match=r"Section 2 of the volume lies 0\.17 mm off"):
        place_in_series(source, SHAPE, geometry_of(source))


def test_two_images_at_one_place_are_refused():
    source = series()
    twice = replace(source, slices=(source.slices[0], *source.slices))
    with pytest.raises(PlacementError, match="at the same place"):
        place_in_series(twice, SHAPE, geometry_of(source))


def test_images_that_do_not_fit_each_other_are_refused():
    with pytest.raises(MixedSectionsError, match="do not fit"):
        place_in_series(replace(series(), inconsistency="They do not fit."), SHAPE, geometry_of(series()))
