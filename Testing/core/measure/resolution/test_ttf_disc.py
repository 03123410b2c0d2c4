from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.errors import OutsideImageError
from CTDenoiseLib.measure.measured import Measured, NotMeasurable
from CTDenoiseLib.measure.resolution.edge_checks import (
    CrowdedEdgeError,
    SaturatedEdgeError,
    UnevenEdgeError,
    UnusableSectionsError,
)
from CTDenoiseLib.measure.resolution.edge_fit import NoEdgeError
from CTDenoiseLib.measure.resolution.ttf import TaskTransferFunction
from CTDenoiseLib.measure.resolution.ttf_disc import disc_ttf
from support.edge_phantom import Kernel, disc_picture
from support.noise_phantom import filtered_back_projection, noise_sections

SMOOTH, SHARP = Kernel(0.5), Kernel(0.6, enhancement=2.0)
SPACING = (0.5, 0.5)
SIDE = 72


def disc(kernel=SMOOTH, *, radius=6.0, spacing=SPACING, contrast=200.0, centre=(35.3, 35.8), **options):
    return disc_picture(
        (SIDE, SIDE),
        pixel_spacing=spacing,
        centre=centre,
        radius_mm=radius,
        kernel=kernel,
        contrast_hu=contrast,
        **options,
    )


def measured(picture, *, spacing=SPACING, radius=6.0, **options) -> TaskTransferFunction:
    return disc_ttf(np.atleast_3d(picture.T).T, pixel_spacing=spacing, radius_mm=radius, **options)


@pytest.mark.parametrize("kernel", [SMOOTH, SHARP], ids=["smooth", "sharp and ringing"])
@pytest.mark.parametrize("spacing", [(0.5, 0.5), (0.35, 0.6)], ids=["square pixels", "oblong pixels"])
@pytest.mark.parametrize("contrast", [200.0, -90.0], ids=["bright", "dark"])
def test_f50_and_f10_are_those_of_the_kernel_within_a_percent(kernel, spacing, contrast):
    ttf = measured(disc(kernel, spacing=spacing, contrast=contrast), spacing=spacing)
    assert ttf.f50.value == pytest.approx(kernel.frequency_at(0.5), rel=0.01)
    assert ttf.f10.value == pytest.approx(kernel.frequency_at(0.1), rel=0.01)
    assert ttf.contrast_hu == pytest.approx(contrast, rel=0.01)


@pytest.mark.parametrize("kernel", [SMOOTH, SHARP], ids=["smooth", "sharp and ringing"])
def test_the_whole_curve_is_that_of_the_kernel(kernel):
    ttf = measured(disc(kernel, radius=9.0), radius=9.0)
    np.testing.assert_allclose(ttf.value, kernel.transfer(ttf.frequency), atol=0.01)
    assert ttf.value[0] == 1
    assert ttf.frequency[-1] == 1.0


def test_the_aperture_of_the_pixels_is_part_of_it():
    ttf = measured(disc(supersampling=8))

    def aperture(frequency: float) -> float:
        angle = np.linspace(0, np.pi / 2, 181)
        return float(np.mean(np.sinc(0.5 * frequency * np.cos(angle)) * np.sinc(0.5 * frequency * np.sin(angle))))

    assert ttf.f50.value == pytest.approx(SMOOTH.frequency_at(0.5, aperture=aperture), rel=0.01)
    assert ttf.f10.value == pytest.approx(SMOOTH.frequency_at(0.1, aperture=aperture), rel=0.01)


@pytest.mark.parametrize(
    ("kernel", "tolerance"),
    [(SMOOTH, 0.02), (Kernel(0.6, enhancement=1.5), 0.02), (SHARP, 0.03)],
    ids=["smooth", "enhanced to 1.08", "enhanced to 1.21"],
)
def test_the_smallest_disc_accepted_is_as_right_as_promised(kernel, tolerance):
    radius = next(
        radius for radius in np.arange(2.0, 8.0, 0.1) if not isinstance(attempt(kernel, radius), CrowdedEdgeError)
    )
    ttf = attempt(kernel, radius)
    assert radius / ttf.found.width_mm == pytest.approx(3.5, abs=0.5)
    assert ttf.f50.value == pytest.approx(kernel.frequency_at(0.5), rel=tolerance)
    assert ttf.f10.value == pytest.approx(kernel.frequency_at(0.1), rel=tolerance)


def attempt(kernel: Kernel, radius: float) -> TaskTransferFunction | CrowdedEdgeError:
    try:
        return measured(disc(kernel, radius=radius), radius=radius)
    except CrowdedEdgeError as error:
        return error


def test_a_disc_too_small_for_its_blur_is_refused_with_the_radius_needed():
    with pytest.raises(CrowdedEdgeError, match=r"radius has to be \d\.\d mm or more"):
        measured(disc(radius=3.0), radius=3.0)


@pytest.mark.parametrize("blotchiness", ["white", "of filtered back-projection"])
def test_the_uncertainties_are_those_of_repeated_scans_within_thirty_percent(rng, blotchiness):
    picture, repeats = disc(Kernel(0.5, enhancement=0.5)), 40
    if blotchiness == "white":
        noise = 8 * rng.standard_normal((repeats, SIDE, SIDE))
    else:
        spectrum = filtered_back_projection(8.0, peak_frequency=0.3)
        noise = noise_sections(rng, spectrum, pixel_spacing=SPACING, shape=(repeats, SIDE, SIDE))
    results = [measured(picture + part) for part in noise]
    for pick in (lambda ttf: ttf.f50, lambda ttf: ttf.f10):
        values, claimed = np.array([(pick(ttf).value, pick(ttf).uncertainty) for ttf in results]).T
        assert np.sqrt(np.mean(claimed**2)) == pytest.approx(values.std(ddof=1), rel=0.3)


def test_noise_does_not_bias_f50_and_f10_beyond_two_percent(rng):
    results = [measured(disc() + 8 * rng.standard_normal((SIDE, SIDE))) for _ in range(40)]
    assert results[0].cnr == pytest.approx(25, rel=0.15)
    assert np.mean([ttf.f50.value for ttf in results]) == pytest.approx(SMOOTH.frequency_at(0.5), rel=0.02)
    assert np.mean([ttf.f10.value for ttf in results]) == pytest.approx(SMOOTH.frequency_at(0.1), rel=0.02)


def test_averaging_sections_raises_the_contrast_to_noise_ratio_until_it_suffices(rng):
    sections = disc(contrast=80.0) + 10 * rng.standard_normal((9, SIDE, SIDE))
    one, nine = measured(sections[0]), measured(sections)
    assert isinstance(one.f50, NotMeasurable)
    assert "contrast-to-noise ratio is 8" in one.f50.reason
    assert isinstance(nine.f50, Measured)
    assert nine.cnr == pytest.approx(3 * one.cnr, rel=0.15)
    assert nine.noise_hu == pytest.approx(10 / 3, rel=0.1)
    assert nine.sections == 9


def test_a_tilted_rod_is_as_sharp_as_a_straight_one():
    sections = np.stack([disc(centre=(35.3 + 0.4 * i, 35.8 - 0.3 * i)) for i in range(-4, 5)])
    assert measured(sections).f10.value == pytest.approx(SMOOTH.frequency_at(0.1), rel=0.01)


def test_cupping_and_slopes_of_the_surroundings_change_nothing():
    y, x = np.indices((SIDE, SIDE)) * 0.5
    tilted = disc() + 0.5 * y - 0.3 * x
    assert measured(tilted).f50.value == pytest.approx(SMOOTH.frequency_at(0.5), rel=0.01)
    rising = disc() + 1.5 * np.hypot(y - 35.3 / 2, x - 35.8 / 2)
    assert measured(rising).f50.value == pytest.approx(SMOOTH.frequency_at(0.5), rel=0.01)


def test_where_the_curve_never_falls_far_enough_nothing_is_told():
    ttf = measured(disc(Kernel(0.25)))
    assert isinstance(ttf.f50, Measured)
    assert isinstance(ttf.f10, NotMeasurable)
    assert "Nyquist" in ttf.f10.reason


def test_the_profile_can_be_drawn():
    edge = measured(disc()).edge
    assert edge.esf_hu[0] == pytest.approx(200, abs=1)
    assert edge.esf_hu[-1] == pytest.approx(0, abs=1)
    assert edge.window[len(edge.window) // 2] == 1
    assert edge.window[-1] == pytest.approx(0, abs=0.01)
    assert np.argmin(edge.lsf) == pytest.approx(len(edge.lsf) / 2, abs=1)


def test_whole_numbers_do(rng):
    picture = np.rint(disc() + 8 * rng.standard_normal((SIDE, SIDE))).astype(np.int16)
    assert isinstance(measured(picture).f50, Measured)


def test_a_disc_cut_off_by_the_border_is_refused():
    with pytest.raises(OutsideImageError, match="border of the image"):
        measured(disc()[:, 18:])


def test_a_neighbour_is_refused_and_kept_out_by_a_shorter_reach(rng):
    crowded = disc() + disc(centre=(35.3, 35.8 + 30), radius=4.0) + 4 * rng.standard_normal((SIDE, SIDE))
    with pytest.raises(CrowdedEdgeError, match="Something else lies within"):
        measured(crowded, centre=(35, 36))
    ttf = measured(crowded, centre=(35, 36), reach_mm=3.9)
    assert ttf.f50.value == pytest.approx(SMOOTH.frequency_at(0.5), rel=0.04)


def test_too_short_a_reach_is_refused():
    with pytest.raises(CrowdedEdgeError, match=r"it was given 1\.0 mm"):
        measured(disc(), reach_mm=1.0)


@pytest.mark.parametrize("limits", [(-1024, 3071), (-10000, 150), (40, 10000)])
def test_an_edge_that_is_cut_off_is_refused(rng, limits):
    high = limits[1] == 3071
    picture = disc(contrast=3000.0 if high else 200.0) + 10 * rng.standard_normal((SIDE, SIDE)) + 100 * high
    with pytest.raises(SaturatedEdgeError, match=f"cut off at {limits[0] if limits[0] == 40 else limits[1]} HU"):
        measured(np.clip(picture, *limits))


def test_an_oval_is_refused():
    oval = disc(spacing=(0.5, 0.5))
    with pytest.raises(UnevenEdgeError, match="not round"):
        measured(oval, spacing=(0.5, 0.54))


def test_pixels_without_a_value_are_refused():
    picture = disc()
    picture[3, 3] = np.nan
    with pytest.raises(UnusableSectionsError, match="every pixel has a value"):
        measured(picture)


@pytest.mark.parametrize("radius", [0.0, -6.0])
def test_a_radius_of_nothing_is_refused(radius):
    with pytest.raises(NoEdgeError, match="radius above zero"):
        measured(disc(), radius=radius)
