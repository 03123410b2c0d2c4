"""Work that another thread does, one thing after the other, while its caller goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec

_Arguments = ParamSpec("_Arguments")

# So that what waits takes little memory, and a slow disk holds up the caller rather than filling it.
_MOST_WAITING = 4


class WorkBehind:
    """One thread and a short queue, to be used as a block; at its end all has been done.

    An error in the thread is raised in the caller: by the next call of `do`, or at the end of the block. What waits is
    dropped then, and also when the block itself fails.

    Args:
        name: Of the thread.

    Example:
        >>> with WorkBehind("print") as printer:
        ...     for page in (1, 2):
        ...         printer.do(print, page)
        1
        2
    """

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> WorkBehind:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                for work in self._waiting:
                    work.result()
        finally:
            self._thread.shutdown(cancel_futures=True)

    def do(self, work: Callable[_Arguments, None], *arguments: _Arguments.args, **options: _Arguments.kwargs) -> None:
        """Have something done after all that was given before; waits while too much is left to do.

        Raises:
            Exception: What earlier work raised.
        """
        while self._waiting and (len(self._waiting) > _MOST_WAITING or self._waiting[0].done()):
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(work, *arguments, **options))
