from __future__ import annotations

import numpy as np

from CTDenoiseLib.cli.spool import SectionSpool


def test_sections_come_back_in_the_order_they_were_put(tmp_path, rng):
    sections = rng.standard_normal((4, 5, 7)).astype(np.float32)
    with SectionSpool(tmp_path, (5, 7)) as spool:
        for index in (2, 0, 3, 1):
            spool.put(index, sections[index])
        back = list(spool.sections())
    assert [index for index, _ in back] == [2, 0, 3, 1]
    for index, values in back:
        np.testing.assert_array_equal(values, sections[index])


def test_nothing_is_left_on_the_disk(tmp_path):
    with SectionSpool(tmp_path, (5, 7)) as spool:
        spool.put(0, np.zeros((5, 7), np.float32))
    assert list(tmp_path.iterdir()) == []
