"""A coarse image on a fine grid."""

import numpy as np
import pytest

from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.pairs.finer_grid import on_finer_grid


def plane(shape, geometry: Geometry) -> Volume:
    """HU that grow linearly along all axes of the patient."""
    steps = np.array(geometry.direction) * np.array(geometry.spacing)[:, None]
    indices = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    places = indices @ steps + geometry.origin
    return Volume((places @ [1.0, -2.0, 3.0]).astype(np.float32), geometry)


FINE = Geometry(spacing=(0.5, 0.4, 0.4), origin=(3.0, 5.0, -7.0))


@pytest.mark.parametrize(
    "direction",
    [
        ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
        ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0), (1.0, 0.0, 0.0)),
    ],
)
def test_a_linear_image_is_interpolated_exactly(direction):
    fine = plane((20, 60, 50), Geometry(FINE.spacing, FINE.origin, direction))
    coarse = plane((8, 24, 20), Geometry((1.25, 1.0, 1.1), (3.1, 5.2, -6.8), direction))
    found, part = on_finer_grid(coarse, fine, what="the two")
    assert found.shape == part.shape
    assert found.geometry == part.geometry
    # Splines that end at the border are not exact within the last pixels of the coarse image.
    np.testing.assert_allclose(found.hu[:, 10:-10, 10:-10], part.hu[:, 10:-10, 10:-10], atol=0.02)
    expected = plane(part.shape, part.geometry)
    np.testing.assert_allclose(part.hu, expected.hu, atol=1e-4)


def test_the_same_grid_gives_the_image_itself(rng):
    volume = Volume(rng.normal(size=(4, 20, 20)).astype(np.float32), FINE)
    found, part = on_finer_grid(volume, volume, what="the two")
    assert part.shape == volume.shape
    np.testing.assert_allclose(found.hu, volume.hu, atol=1e-4)


def test_only_what_the_coarse_image_covers_is_kept():
    fine = plane((10, 40, 40), FINE)
    half = plane((5, 10, 40), Geometry((0.5, 0.8, 0.4), (3.0, 5.0, -7.0 + 1.0)))
    found, part = on_finer_grid(half, fine, what="the two")
    assert part.shape == (5, 19, 40)
    assert part.geometry.origin == pytest.approx((3.0, 5.0, -6.0))
    np.testing.assert_allclose(found.hu[:, 6:-6], part.hu[:, 6:-6], atol=0.02)


def test_images_of_other_places_or_planes_are_refused():
    fine = plane((10, 40, 40), FINE)
    with pytest.raises(DataError, match="show nothing in common"):
        on_finer_grid(plane((4, 10, 10), Geometry((1.0, 1.0, 1.0), (300.0, 0.0, 0.0))), fine, what="the two")
    turned = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    with pytest.raises(DataError, match="oriented differently"):
        on_finer_grid(plane((4, 10, 10), Geometry(direction=turned)), fine, what="the two")
