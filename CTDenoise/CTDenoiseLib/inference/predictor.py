"""The network at work: in batches as large as memory allows, in smaller ones when it runs out, and in tiles at last."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

import torch
from torch import Tensor

from .backend import Backend
from .errors import NotEnoughMemoryError
from .execution import Execution
from .memory import PLANNED_SHARE, free_memory, is_out_of_memory
from .tiles import Tiling, tilings

# More pixels at once keep a device no busier: assumed for graphics processors with their many units. A processor works
# on one section after the other in any case, and the first is there the sooner.
_PIXELS_AT_ONCE = {"cpu": 1, "mps": 2**21, "cuda": 2**22}
_MOST_SECTIONS_AT_ONCE = 64

_log = logging.getLogger(__name__)


class NoisePredictor:
    """Predicts noise for windows of sections of one size, and remembers for the rest of a run what fits into memory.

    Args:
        execution: The network on the backend's device.
        backend: Device and precision.
        shape: Rows and columns of the padded sections.
        batch_size: Sections at once; `None` asks for what the free memory allows.
    """

    def __init__(
        self,
        execution: Execution,
        backend: Backend,
        *,
        shape: tuple[int, int],
        batch_size: int | None,
    ) -> None:
        self._execution = execution
        self._backend = backend
        self._ladder = list(tilings(*shape, halo=execution.receptive_radius, stride=execution.stride))
        self.notes: list[str] = []
        self.batch_size = batch_size or self._plan(execution.bytes_per_pixel)

    @property
    def tiling(self) -> Tiling:
        """How sections are divided at present."""
        return self._ladder[0]

    def predict(self, windows: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        """Scaled noise of the centre sections.

        Args:
            windows: Shape (n, 2 · context + 1, y, x), any n.
            check: Called before each layer of the network; what it raises ends the prediction.

        Returns:
            Float32, shape (n, y, x).

        Raises:
            NotEnoughMemoryError: Not even the smallest tiles fit.
        """
        noise: list[Tensor] = []
        done = 0
        while done < len(windows):
            batch = windows[done : done + self.batch_size]
            predicted = self._attempt(batch, check)
            if predicted is None:
                self._fall_back(len(batch))
                continue
            noise.append(predicted)
            done += len(batch)
        return noise[0] if len(noise) == 1 else torch.cat(noise)

    def _attempt(self, batch: Tensor, check: Callable[[], None] | None) -> Tensor | None:
        """The noise, or `None` if memory ran out; by then all that the attempt had taken is free again."""
        try:
            return self._run(batch, check)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return None

    def _run(self, batch: Tensor, check: Callable[[], None] | None) -> Tensor:
        with torch.inference_mode(), _exact_float32(self._backend):
            if len(self.tiling) == 1:
                return self._execution.noise(batch, check)
            noise = torch.empty((len(batch), *batch.shape[2:]), dtype=torch.float32, device=batch.device)
            for row, column in self.tiling:
                tile = batch[:, :, row.read, column.read].contiguous(memory_format=self._backend.memory_format)
                noise[:, row.write, column.write] = self._execution.noise(tile, check)[:, row.keep, column.keep]
            return noise

    def _plan(self, need: float) -> int:
        """Batch size from the free memory; takes tiles at once where a whole section would not fit."""
        budget = PLANNED_SHARE * free_memory(self._backend.device)
        whole = self.tiling.pixels
        if need * whole <= budget:
            useful = min(_PIXELS_AT_ONCE[self._backend.device.partition(":")[0]] // whole, _MOST_SECTIONS_AT_ONCE)
            return max(1, min(int(budget // (need * whole)), useful))
        while len(self._ladder) > 1 and need * self.tiling.pixels > budget:
            self._ladder.pop(0)
        if len(self.tiling) > 1:
            self._say(
                f"A whole section needs about {need * whole / 2**30:.1f} GiB, more than the {budget / 2**30:.1f} GiB "
                f"that {self._backend.device} can spare; it is denoised in {self._tiles_in_words()}."
            )
        return 1

    def _fall_back(self, tried: int) -> None:
        """Make do with less than the batch that was tried."""
        device = self._backend.device
        if tried > 1:
            self.batch_size = tried // 2
            self._say(f"The memory of {device} ran out with {tried} sections at once; going on with {self.batch_size}.")
            return
        if len(self._ladder) == 1:
            rows, columns = self.tiling.largest
            raise NotEnoughMemoryError(
                f"The memory of {device} is too small for {rows} × {columns} pixels with this model, and smaller tiles "
                "would need no less; free memory, or take another device or a smaller model."
            )
        self.batch_size = 1
        failed = "one whole section" if len(self.tiling) == 1 else f"{len(self.tiling)} tiles"
        del self._ladder[0]
        self._say(f"The memory of {device} ran out with {failed}; going on with {self._tiles_in_words()}.")

    def _tiles_in_words(self) -> str:
        rows, columns = self.tiling.largest
        return f"{len(self.tiling)} tiles of up to {rows} × {columns} pixels, with the same result in more time"

    def _say(self, note: str) -> None:
        self.notes.append(note)
        _log.warning(note)


def _exact_float32(backend: Backend) -> contextlib.AbstractContextManager[None]:
    """Keeps cuDNN from rounding float32 convolutions to TF32, which has the mantissa of fp16: fp32 is what it says."""
    if not (backend.device.startswith("cuda") and backend.precision == "fp32"):
        return contextlib.nullcontext()
    cudnn = torch.backends.cudnn
    flags: Callable[..., contextlib.AbstractContextManager[None]] = cudnn.flags
    return flags(enabled=True, benchmark=cudnn.benchmark, deterministic=cudnn.deterministic, allow_tf32=False)
