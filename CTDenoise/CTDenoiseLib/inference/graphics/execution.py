"""A network on a graphics processor: recorded for each size that comes again, so that one call starts all kernels.

Recordings are CUDA graphs, which need nothing but PyTorch. Its compiler (`torch.compile`) would also join bias and
activation into one pass over memory, but wants Triton and a C compiler on the user's machine, which are missing on
Windows and in Slicer, and some tens of seconds for each size of input.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils import convert_conv2d_weight_memory_format

from ...networks import DenoisingNetwork
from ..backend import Backend
from ..memory import bytes_per_pixel, is_out_of_memory
from .recorder import CudaRecorder, Recorder, Recording, RepeatingRecorder

# Enough for whole batches, the rest at the end, and single sections that a user looks at.
_MOST_RECORDINGS = 4

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Recorded:
    """One size of input, and what to play for it."""

    windows: Tensor
    recording: Recording

    def noise(self, windows: Tensor) -> Tensor:
        self.windows.copy_(windows)
        self.recording.play()
        return self.recording.result.clone()


class RecordedNetwork:
    """See `Execution`. Windows of a size are computed layer by layer when they first come, and recorded if more come.

    `check` is asked before a batch only: starting it takes less than a millisecond, and nothing stops it then.

    Args:
        network: Batch norm folded, on the device and in its precision.
        device: Such as "cuda:0".
        new_recorder: Makes recorders for it.
    """

    def __init__(self, network: DenoisingNetwork, device: str, new_recorder: Callable[[], Recorder]) -> None:
        self._network = network
        self._device = device
        self._new_recorder = new_recorder
        self._recorder: Recorder | None = new_recorder()
        self._recorded: OrderedDict[tuple[int, ...], _Recorded] = OrderedDict()
        self._not_recorded: deque[tuple[int, ...]] = deque(maxlen=_MOST_RECORDINGS)
        self.description = "recorded as CUDA graphs"
        self.notes: tuple[str, ...] = ()
        self.stride = network.stride
        self.receptive_radius = network.receptive_radius
        # A recording has its own windows and noise beside those that it is given and gives back.
        self.bytes_per_pixel = bytes_per_pixel(network) + 4.0 * (2 * network.context + 1) + 4.0

    def noise(self, windows: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        """See `Execution`."""
        if check is not None:
            check()
        with torch.inference_mode():
            try:
                recorded = self._recorded_for(windows)
                return self._compute(windows) if recorded is None else recorded.noise(windows)
            except RuntimeError as error:
                if not (is_out_of_memory(error) and self._recorded):
                    raise
            # What recordings hold may be just what is missing.
            self._forget()
            return self._compute(windows)

    def _compute(self, windows: Tensor) -> Tensor:
        noise: Tensor = self._network(windows)
        return noise[:, 0].float()

    def _recorded_for(self, windows: Tensor) -> _Recorded | None:
        """What to play for windows of this size; `None` if it came not lately or cannot be recorded."""
        size = tuple(windows.shape)
        if size in self._recorded:
            self._recorded.move_to_end(size)
            return self._recorded[size]
        if self._recorder is None:
            return None
        if size not in self._not_recorded:
            self._not_recorded.append(size)
            return None
        recorded = self._record(windows, self._recorder)
        if recorded is not None:
            self._not_recorded.remove(size)
            self._recorded[size] = recorded
            if len(self._recorded) > _MOST_RECORDINGS:
                self._recorded.popitem(last=False)
        return recorded

    def _record(self, windows: Tensor, recorder: Recorder) -> _Recorded | None:
        own = windows.clone()
        try:
            return _Recorded(own, recorder.record(lambda: self._compute(own)))
        except RuntimeError as error:
            # Only its words are kept: the error itself would hold on to the memory of what it broke off.
            reason = _reason(error)
        self._forget()
        self._recorder = None
        self.description = "layer by layer"
        note = (
            f"{self._device} is given the network layer by layer, which takes it a little longer, because it could "
            f"not be recorded as a CUDA graph: {reason}"
        )
        self.notes = (*self.notes, note)
        _log.warning(note)
        return None

    def _forget(self) -> None:
        """Give back the memory of all recordings."""
        self._recorded.clear()
        self._not_recorded.clear()
        if self._recorder is not None:
            # The memory that recordings share cannot be shared again once the last of them is gone.
            self._recorder = self._new_recorder()


def _reason(error: BaseException) -> str:
    """What began it, in a line: ending a capture that has failed fails, too."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error).partition("\n")[0]


def recorded_network(network: DenoisingNetwork, backend: Backend) -> RecordedNetwork:
    """The network as it is computed on a graphics processor.

    Args:
        network: Batch norm folded, on the backend's device and in its precision; its weights are laid out anew.
        backend: Device and precision. On the processor the same is done without CUDA graphs, for tests.
    """

    def new_recorder() -> Recorder:
        if backend.device.startswith("cuda"):
            return CudaRecorder(backend.device)
        return RepeatingRecorder()

    laid_out = convert_conv2d_weight_memory_format(network, backend.memory_format)
    return RecordedNetwork(laid_out, backend.device, new_recorder)
