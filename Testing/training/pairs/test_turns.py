"""Flips and quarter turns."""

import numpy as np
import pytest

from CTDenoiseTrainLib.pairs.turns import draw_turn
from CTDenoiseTrainLib.recipe.content import PatchOptions

PATCH = np.arange(6, dtype=np.float32).reshape(1, 2, 3)


@pytest.mark.parametrize(
    ("flips", "rotations", "ways"), [(True, True, 8), (False, True, 4), (True, False, 4), (False, False, 1)]
)
def test_all_ways_that_the_options_allow_are_drawn_about_equally_often(rng, flips, rotations, ways):
    options = PatchOptions(flips=flips, rotations=rotations)
    drawn = [draw_turn(options, rng).of(PATCH).tolist() for _ in range(800)]
    counts = [drawn.count(way) for way in {str(way): way for way in drawn}.values()]
    assert len(counts) == ways
    # Four standard deviations of a count.
    assert min(counts) > 800 / ways - 4 * np.sqrt(800 / ways)


def test_flips_alone_do_not_interchange_rows_and_columns(rng):
    options = PatchOptions(flips=True, rotations=False)
    drawn = {draw_turn(options, rng).of(PATCH).tobytes() for _ in range(100)}
    flipped = (PATCH, PATCH[..., ::-1], PATCH[:, ::-1], PATCH[:, ::-1, ::-1])
    assert drawn == {np.ascontiguousarray(way).tobytes() for way in flipped}
