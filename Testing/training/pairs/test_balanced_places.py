from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.pairs.balanced_places import BalancedPlaces
from CTDenoiseTrainLib.pairs.body import body_tissues
from CTDenoiseTrainLib.pairs.pair_case import Place
from CTDenoiseTrainLib.pairs.split import CasePart
from CTDenoiseTrainLib.recipe.content import PatchOptions
from support.plain_pairs import PlainPairs, body_case

SIDE = 16
DRAWS = 600


def options(soft_tissue: float, bone: float, edges: float) -> PatchOptions:
    return PatchOptions(side=SIDE, soft_tissue=soft_tissue, bone=bone, edges=edges)


def whole(case: PlainPairs) -> CasePart:
    return CasePart(case, tuple(range(case.shape[0])))


def places_of(*parts: CasePart, shares: PatchOptions, seed: int = 0, threads: int = 1) -> BalancedPlaces:
    return BalancedPlaces(parts, shares, seed=seed, threads=threads)


def drawn(places: BalancedPlaces, count: int = DRAWS) -> list[tuple[int, Place]]:
    rng = np.random.default_rng(1)
    return [places.draw(rng) for _ in range(count)]


def central_half(place: Place) -> tuple[slice, slice]:
    return tuple(slice(first + SIDE // 4, first + SIDE - SIDE // 4) for first in (place.row, place.column))


@pytest.fixture
def two_organs() -> PlainPairs:
    """Soft tissue all over, and a block of bone in the middle of section 2."""
    clean = np.full((4, 96, 96), 40.0, dtype=np.float32)
    clean[2, 40:56, 40:56] = 600
    return PlainPairs(clean, np.zeros_like(clean))


@pytest.mark.parametrize("tissue", ["soft_tissue", "bone", "edges"])
def test_the_wanted_tissue_lies_in_the_central_half_of_each_patch(tissue):
    case = body_case((3, 128, 128))
    shares = {"soft_tissue": 0.0, "bone": 0.0, "edges": 0.0} | {tissue: 1.0}
    for _, place in drawn(places_of(whole(case), shares=options(**shares)), 200):
        mask = getattr(body_tissues(case.anatomy(place.section)), tissue)
        inside = 0 < place.row < 128 - SIDE and 0 < place.column < 128 - SIDE
        # At the border of the image a patch cannot be where it would be drawn.
        assert mask[central_half(place)].any() or not inside


def test_tissues_share_the_patches_as_asked(two_organs):
    places = drawn(places_of(whole(two_organs), shares=options(0.5, 0.5, 0.0)))
    with_bone = sum(
        place.section == 2 and (two_organs.clean[2][central_half(place)] > 300).any() for _, place in places
    )
    # Half of them, and of the soft tissue of section 2 a few; 600 draws have a standard error of 2 %.
    assert 0.44 < with_bone / DRAWS < 0.60


def test_every_pixel_of_a_tissue_is_as_likely_as_any_other(two_organs):
    two_organs.clean[0, 40:48, 40:72] = 600
    places = drawn(places_of(whole(two_organs), shares=options(0.0, 1.0, 0.0)))
    counts = Counter(place.section for _, place in places)
    # 16 × 16 pixels of bone in section 2 and as many in section 0, though longer: three standard errors of 600 draws,
    # and the corners that smoothing rounds off.
    assert counts[2] / DRAWS == pytest.approx(0.5, abs=0.08)
    two_organs.clean[0, 40:48, 40:72] = 40
    two_organs.clean[0, 0:48, 0:48] = 600
    counts = Counter(place.section for _, place in drawn(places_of(whole(two_organs), shares=options(0, 1, 0))))
    # Nine times the pixels.
    assert counts[0] / DRAWS == pytest.approx(0.9, abs=0.06)


def test_places_in_a_large_section_are_its_own():
    clean = np.full((1, 1100, 1100), 40.0, dtype=np.float32)
    clean[0, 1000:1006, 900:906] = 1500
    places = drawn(places_of(whole(PlainPairs(clean, clean)), shares=options(0.0, 1.0, 0.0)), 100)
    # On the coarse grid of thirds the place is known to a pixel or two.
    for axis, centre in (("row", 1002.5), ("column", 902.5)):
        middles = [getattr(place, axis) + (SIDE - 1) / 2 for _, place in places]
        assert np.mean(middles) == pytest.approx(centre, abs=2)


def test_patches_lie_within_the_image():
    case = body_case((3, 40, 33))
    for _, place in drawn(places_of(whole(case), shares=PatchOptions(side=32))):
        assert 0 <= place.row <= 40 - 32
        assert 0 <= place.column <= 33 - 32


def test_only_sections_of_the_part_are_drawn(two_organs):
    places = drawn(places_of(CasePart(two_organs, (0, 3)), shares=options(0.4, 0.3, 0.3)))
    assert {place.section for _, place in places} == {0, 3}


def test_a_tissue_that_a_case_does_not_show_is_made_up_by_the_others(two_organs):
    part = CasePart(two_organs, (0, 1))
    assert len(drawn(places_of(part, shares=options(0.4, 0.6, 0.0)))) == DRAWS
    assert len(drawn(places_of(part, shares=options(0.0, 1.0, 0.0)))) == DRAWS


def test_cases_are_drawn_in_proportion_to_their_bodies():
    large, small = (np.full((sections, 64, 64), 40.0, dtype=np.float32) for sections in (6, 2))
    parts = [whole(PlainPairs(clean, clean)) for clean in (large, small)]
    counts = Counter(index for index, _ in drawn(places_of(*parts, shares=options(1, 0, 0))))
    # Three of four, to within three standard errors of 600 draws.
    assert counts[0] / DRAWS == pytest.approx(0.75, abs=0.055)


def test_places_do_not_depend_on_threads():
    parts = [whole(body_case(seed=seed)) for seed in range(2)]
    one, three = (places_of(*parts, shares=PatchOptions(side=SIDE), threads=threads) for threads in (1, 3))
    assert drawn(one) == drawn(three)


def test_another_seed_gives_other_places():
    part = whole(body_case((2, 128, 128)))
    first, second = (places_of(part, shares=PatchOptions(side=SIDE), seed=seed) for seed in (0, 1))
    assert drawn(first) != drawn(second)


def test_a_case_smaller_than_a_patch_is_refused():
    with pytest.raises(DataError, match=r"patient A have 48 × 40 pixels, less than a patch of 64 × 64; choose smaller"):
        places_of(whole(body_case()), shares=PatchOptions(side=64))


def test_a_case_without_a_body_is_refused():
    air = np.full((3, 48, 48), -1000.0, dtype=np.float32)
    with pytest.raises(DataError, match=r"patient A shows no body in any section"):
        places_of(whole(PlainPairs(air, air)), shares=PatchOptions(side=SIDE))


def test_no_sections_are_refused():
    with pytest.raises(DataError, match="no sections to train with"):
        places_of(shares=PatchOptions(side=SIDE))


def test_sections_without_a_body_are_passed_over(two_organs):
    two_organs.clean[1] = -1000
    places = drawn(places_of(whole(two_organs), shares=PatchOptions(side=SIDE)))
    assert {place.section for _, place in places} == {0, 2, 3}


def test_the_search_ends_when_the_check_says_so():
    class StopError(Exception):
        pass

    seen = []

    def check() -> None:
        seen.append(1)
        if len(seen) == 3:
            raise StopError

    with pytest.raises(StopError):
        BalancedPlaces([whole(body_case())], PatchOptions(side=SIDE), seed=0, threads=2, check=check)
    assert len(seen) == 3
