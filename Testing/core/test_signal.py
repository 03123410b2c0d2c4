from __future__ import annotations

from CTDenoiseLib.signal import Signal


def test_every_listener_gets_what_is_emitted_in_the_order_of_connection():
    heard = []
    signal: Signal[int, str] = Signal()
    signal.connect(lambda number, word: heard.append(("first", number, word)))
    signal.connect(lambda number, word: heard.append(("second", number, word)))
    signal.emit(3, "sections")
    assert heard == [("first", 3, "sections"), ("second", 3, "sections")]


def test_a_listener_connected_twice_is_called_once():
    heard = []
    signal: Signal[int] = Signal()
    signal.connect(heard.append)
    signal.connect(heard.append)
    signal.emit(1)
    assert heard == [1]


def test_a_disconnected_listener_is_called_no_more():
    heard = []
    signal: Signal[int] = Signal()
    signal.connect(heard.append)
    signal.disconnect(heard.append)
    signal.disconnect(heard.append)
    signal.emit(1)
    assert heard == []


def test_a_listener_disconnected_by_another_during_the_emission_is_not_called():
    heard = []
    signal: Signal[int] = Signal()
    signal.connect(lambda _: signal.disconnect(heard.append))
    signal.connect(heard.append)
    signal.emit(1)
    assert heard == []


def test_a_listener_connected_during_an_emission_is_called_from_the_next_one_on():
    heard = []
    signal: Signal[int] = Signal()
    signal.connect(lambda _: signal.connect(heard.append))
    signal.emit(1)
    signal.emit(2)
    assert heard == [2]
