from dataclasses import replace

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.regions.region import Region, region_voxels
from CTDenoiseLib.measure.regions.roi_statistics import roi_statistics
from CTDenoiseLib.measure.regions.uniform_places import NoUniformPlaceError, uniform_places
from CTDenoiseLib.volume import Volume
from support.tilted_grid import tilted_grid

SHAPE = (8, 200, 200)
GRID = tilted_grid(SHAPE, spacing=(2.0, 0.8, 0.8), degrees=(5, 10, 15), centre=(20, -30, 40))
# Rows and columns of the uniform parts: 64 mm × 48 mm.
LEFT, RIGHT = (slice(60, 140), slice(25, 85)), (slice(60, 140), slice(115, 175))


def body(rng, *, sd: float = 20.0) -> np.ndarray:
    """A disc of structured tissue in air with two uniform parts: left and right, the left not in the last sections."""
    y, x = np.mgrid[-1 : 1 : SHAPE[1] * 1j, -1 : 1 : SHAPE[2] * 1j]
    picture = np.where(np.hypot(x, y) < 0.95, 120 * np.sin(20 * x) * np.cos(20 * y), -1000.0)
    volume = np.repeat(picture[np.newaxis], SHAPE[0], axis=0)
    volume[:, RIGHT[0], RIGHT[1]] = 60
    volume[:6, LEFT[0], LEFT[1]] = -90
    return np.rint(volume + sd * rng.standard_normal(SHAPE)).astype(np.int16)


@pytest.fixture
def image(rng) -> MeasuredImage:
    return MeasuredImage("CT", body(rng), GRID)


def regions(image: MeasuredImage, **options) -> list[Region]:
    return [region_voxels(place.shape, image.grid) for place in uniform_places(image, **options)]


def is_uniform(region: Region) -> bool:
    section, row, column = region.indices().T
    right = column.min() >= RIGHT[1].start and column.max() < RIGHT[1].stop
    left = column.min() >= LEFT[1].start and column.max() < LEFT[1].stop and section.max() < 6
    return bool(row.min() >= LEFT[0].start and row.max() < LEFT[0].stop and (left or right))


def test_places_are_uniform_squares_of_one_section(image):
    found = regions(image, count=4)
    assert len(found) == 4
    for region in found:
        assert is_uniform(region)
        assert region.area_mm2 == pytest.approx(15.2**2, rel=1e-9)  # 19 pixels of 0.8 mm
        assert region.clipped == 0


@pytest.mark.parametrize("sd", [4.0, 100.0])
def test_their_noise_is_that_of_the_image(rng, sd):
    image = MeasuredImage("CT", body(rng, sd=sd), GRID)
    for place in uniform_places(image):
        assert roi_statistics(place.shape, [image])[0].sd == pytest.approx(sd, rel=0.15)


def test_places_are_well_apart(image):
    middles = np.array([place.shape.centre for place in uniform_places(image, count=4)])
    distances = np.linalg.norm(middles[:, None] - middles, axis=-1)[np.triu_indices(4, 1)]
    assert distances.min() > 1.5 * 15
    assert {region.indices()[0, 2] < 100 for region in regions(image, count=4)} == {True, False}


@pytest.mark.parametrize("blur", [0.0, 0.7], ids=["white", "blotchy"])
def test_the_noise_read_is_that_of_squares_dropped_blindly(rng, blur):
    grid = tilted_grid((12, 120, 120))
    read, blind = [], []
    for _ in range(40):
        noise = 20 * ndimage.gaussian_filter(rng.standard_normal(grid.shape), (0, blur, blur))
        image = MeasuredImage("CT", noise, grid)
        read += [roi_statistics(place.shape, [image])[0].sd for place in uniform_places(image)]
        blind.append(sliding_window_view(noise, (15, 15), axis=(1, 2))[:, ::4, ::4].std(axis=(-1, -2), ddof=1).mean())
    # 200 squares scatter by 0.3 to 0.6 % of their mean.
    assert np.mean(read) == pytest.approx(np.mean(blind), rel=0.02)


def test_only_the_sections_asked_for_are_used(image):
    assert {region.sections for region in regions(image, count=2, sections=[7])} == {(7,)}
    assert all(region.indices()[0, 2] >= 115 for region in regions(image, count=2, sections=[7]))


def test_sections_without_data_are_not_used(image):
    partly = replace(image, sections=frozenset({3}), values=np.where(np.arange(8)[:, None, None] == 3, image.values, 0))
    assert {region.sections for region in regions(partly, count=2)} == {(3,)}


def test_an_image_without_any_data_yet_has_none(image):
    with pytest.raises(NoUniformPlaceError):
        uniform_places(replace(image, sections=frozenset()))


def test_fewer_places_are_found_where_there_are_no_more(image):
    found = regions(image, count=50, sections=[3])
    assert 2 <= len(found) < 12
    assert all(map(is_uniform, found))


def test_names_count_and_axes_follow_the_grid(image):
    places = uniform_places(image, count=3)
    assert [place.name for place in places] == ["Uniform 1", "Uniform 2", "Uniform 3"]
    np.testing.assert_allclose(places[0].shape.axes, GRID.world_from_index[:3, [2, 1, 0]].T / [[0.8], [0.8], [2.0]])
    assert places[0].shape.size[2] == pytest.approx(2.0)


def test_fine_pixels_are_found_as_well(rng):
    grid = tilted_grid((3, 300, 280), spacing=(1.0, 0.3, 0.35))
    values = rng.normal(40, 25, grid.shape)
    values[:, :, 140:] += 200 * np.sin(np.arange(140) / 6)
    found = regions(MeasuredImage("CT", values.astype(np.float32), grid), count=2, side_mm=12)
    assert len(found) == 2
    assert all(region.indices()[:, 2].max() < 140 for region in found)


def test_padding_and_filled_parts_are_never_taken(rng):
    values = body(rng)
    values[:, RIGHT[0], RIGHT[1]] = 60
    image = MeasuredImage("CT", values, GRID)
    assert all(region.indices()[:, 2].max() < 85 for region in regions(image))
    padded = replace(image, padding_hu=(-250.0, -60.0))
    with pytest.raises(NoUniformPlaceError):
        uniform_places(padded)


@pytest.mark.parametrize("hu", [-1000.0, -850.0, 2500.0])
def test_air_lung_and_metal_are_no_uniform_tissue(rng, hu):
    image = MeasuredImage("CT", rng.normal(hu, 10, SHAPE).astype(np.float32), GRID)
    with pytest.raises(NoUniformPlaceError, match=r"No square of 15 mm.*draw a smaller region yourself"):
        uniform_places(image)


def test_an_image_smaller_than_a_square_has_none(rng):
    image = MeasuredImage("CT", rng.normal(0, 10, (3, 8, 8)), tilted_grid((3, 8, 8)))
    with pytest.raises(NoUniformPlaceError):
        uniform_places(image)


@pytest.fixture(scope="module")
def read(real_data):
    from CTDenoiseLib.dicom.find import find_series
    from CTDenoiseLib.dicom.read import read_series

    def first(name: str) -> Volume:
        return read_series(find_series(real_data(name)).series[0])

    return first


def test_water_is_found_with_its_noise(read):
    image = MeasuredImage.of(read("ge_water_phantom"), name="Water")
    for place in uniform_places(image):
        (found,) = roi_statistics(place.shape, [image])
        assert found.mean == pytest.approx(0, abs=3)
        # A square of 15 mm holds noise of this kernel independent enough for 12 %.
        assert found.sd == pytest.approx(5.0, rel=0.25)


def test_a_chest_has_places_in_liver_muscle_heart_and_fat(read):
    image = MeasuredImage.of(read("nlst_chest_low_dose_fc51"), name="Chest")
    found = [roi_statistics(place.shape, [image])[0] for place in uniform_places(image, count=12)]
    assert len(found) == 12
    for each in found:
        muscle_or_organ, fat = 30 < each.mean < 80, -125 < each.mean < -80
        assert muscle_or_organ or fat
        assert 20 < each.sd < 100


def test_values_that_are_no_numbers_do_not_hide_what_is_beside_them(rng):
    values = body(rng).astype(np.float32)
    values[values < -500] = np.nan
    found = regions(MeasuredImage("CT", values, GRID), count=2)
    assert all(is_uniform(region) for region in found)
