"""The protocol: what one side encodes, the other decodes; anything else is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator

import hypothesis
import hypothesis.strategies as st
import pytest

from CTDenoiseLib.worker.messages import (
    Cancel,
    Denoise,
    DeviceInfo,
    Devices,
    JobProgress,
    LoadModel,
    Message,
    ProtocolError,
    Quit,
    SectionDone,
    decode,
    encode,
)

LEFT_OUT = "left out"
DENOISE = Denoise("in.npy", "noise.npy", (3, 4, 5), (2, 0, 1), job=7)


def kinds(base: type[Message] = Message) -> Iterator[type[Message]]:
    """All kinds of messages that are not only bases of others."""
    for kind in base.__subclasses__():
        yield from kinds(kind)
        if not kind.__subclasses__() and not kind.__name__.startswith("_"):
            yield kind


def with_changes(message: Message, **changes: object) -> bytes:
    """The line of a message with fields replaced or left out."""
    content = json.loads(encode(message)) | changes
    return json.dumps({key: value for key, value in content.items() if value != LEFT_OUT}).encode()


@pytest.mark.parametrize("kind", tuple(kinds()), ids=lambda kind: kind.__name__)
@hypothesis.settings(max_examples=20)
@hypothesis.given(data=st.data())
def test_every_message_comes_back_as_it_was(kind, data):
    message = data.draw(st.from_type(kind))
    try:
        line = encode(message)
    except ProtocolError:
        # Infinity and its like, which hypothesis takes for numbers.
        hypothesis.reject()
    assert decode(line) == message
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


def test_a_number_that_is_none_is_not_sent():
    with pytest.raises(ProtocolError, match="cannot be sent"):
        encode(JobProgress(1, 2, 3, float("inf"), 0.0))


def test_a_path_that_is_no_proper_text_comes_back():
    message = LoadModel("models/\udcff", "tiny")
    assert decode(encode(message)) == message


def test_sections_ready_are_all_or_a_list():
    assert decode(encode(DENOISE)).ready == "all"
    assert decode(with_changes(DENOISE, ready=[0, 2])).ready == (0, 2)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello\n",
        b"[1, 2]",
        b'"Quit"',
        b'{"job": 1}',
        b'{"kind": ["Quit"]}',
        b'{"kind": "Message"}',
        b'{"kind": "Reboot"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"kind": "Cancel", "job": NaN}',
    ],
)
def test_what_is_no_message_is_refused(line):
    with pytest.raises(ProtocolError):
        decode(line)


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "red"},
        {"order": LEFT_OUT},
        {"job": "7"},
        {"job": 7.0},
        {"job": True},
        {"input": 3},
        {"shape": [3, 4]},
        {"shape": [3, 4, 5, 6]},
        {"shape": 3},
        {"order": {"0": 1}},
        {"order": [0, "1"]},
        {"noise_step_hu": "0.1"},
        {"noise_step_hu": 10**400},
        {"ready": "some"},
        {"ready": [1.5]},
        {"padding_hu": [-2000.0]},
        {"modality": 7},
        {"job": None},
    ],
    ids=str,
)
def test_a_field_too_many_too_few_or_of_a_wrong_type_is_refused(changes):
    with pytest.raises(ProtocolError):
        decode(with_changes(DENOISE, **changes))


def test_a_whole_number_is_also_a_float():
    assert decode(with_changes(DENOISE, noise_step_hu=1)).noise_step_hu == 1.0


def test_parts_of_a_message_are_checked_like_it():
    devices = Devices((DeviceInfo("cpu", "cpu", "Processor", 1, 2, ("fp32",)),))
    content = json.loads(encode(devices))
    del content["devices"][0]["kind"]
    with pytest.raises(ProtocolError, match="DeviceInfo"):
        decode(json.dumps(content).encode())


def test_errors_tell_nothing_of_the_content():
    with pytest.raises(ProtocolError) as error:
        decode(with_changes(DENOISE, input=["/data/Doe^John"]))
    assert "Doe" not in str(error.value)
    with pytest.raises(ProtocolError) as error:
        decode(b'{"kind": "Denoise", "input": "/data/Doe^John')
    assert "Doe" not in str(error.value)


def test_messages_are_values():
    assert Cancel(3) == Cancel(3)
    assert SectionDone(1, 2, 3) != SectionDone(1, 2, 4)
    assert decode(encode(Quit())) == Quit()
