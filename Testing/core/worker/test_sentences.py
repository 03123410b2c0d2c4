from __future__ import annotations

import errno

import pytest
import torch

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.worker.sentences import is_device_fault, sentence_for


def raised(error):
    """An error with a place where it was raised."""
    try:
        raise error
    except Exception as caught:
        return caught


def test_an_error_of_ours_says_its_own_sentence(capsys):
    assert sentence_for(raised(CTDenoiseError("The gantry is open."))) == "The gantry is open."
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (MemoryError(), "memory ran out"),
        (torch.cuda.OutOfMemoryError("CUDA out of memory."), "memory ran out"),
        (ModuleNotFoundError("No module named 'safetensors'", name="safetensors"), "“safetensors” is missing"),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), "graphics processor failed"),
    ],
)
def test_what_can_be_expected_is_told_with_the_way_out(error, expected):
    assert expected in sentence_for(raised(error))


def test_what_was_not_expected_is_named_and_its_place_is_in_the_log_without_its_text(capsys):
    sentence = sentence_for(raised(ValueError("Doe^John")))
    log = capsys.readouterr().err
    assert "ValueError" in sentence
    assert "ValueError" in log
    assert "raised" in log
    assert "Doe" not in sentence + log


def test_a_fault_of_the_graphics_processor_is_told_from_other_errors():
    assert is_device_fault(RuntimeError("CUDA error: unspecified launch failure"))
    assert not is_device_fault(RuntimeError("shapes do not fit"))
    assert not is_device_fault(ValueError("CUDA error: not from the device"))
