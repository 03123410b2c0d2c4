from __future__ import annotations

from CTDenoiseScene.section_order import WorkOrder, nearest_first


def test_sections_on_screen_come_first_in_their_own_order_then_those_around_them() -> None:
    assert nearest_first(range(10), (6, 5)) == [6, 5, 4, 7, 3, 8, 2, 9, 1, 0]


def test_the_distance_is_to_the_nearest_view() -> None:
    assert nearest_first(range(10), (1, 8)) == [1, 8, 0, 2, 7, 9, 3, 6, 4, 5]


def test_without_a_view_the_order_is_ascending() -> None:
    assert nearest_first((3, 1, 2), ()) == [1, 2, 3]


def test_sections_on_screen_that_are_not_asked_for_are_left_out() -> None:
    assert nearest_first((4, 5), (0, 5)) == [5, 4]


def test_a_work_order_loses_what_is_done() -> None:
    order = WorkOrder(range(4), (2,))
    order.strike_off(2)
    order.strike_off(2)
    assert list(order) == [1, 3, 0]
    assert len(order) == 3
    assert 2 not in order


def test_only_what_is_still_to_be_done_is_put_first() -> None:
    order = WorkOrder(range(5), ())
    order.strike_off(3)
    assert order.put_first((4, 3, 9, 2)) == (4, 2)
    assert list(order) == [4, 2, 0, 1]
