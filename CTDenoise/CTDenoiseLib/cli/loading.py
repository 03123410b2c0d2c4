"""The denoiser, loaded by another thread while the main one looks for what to denoise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..models import ModelStore
from ..worker.large_imports import large_imports
from .request import RunRequest

if TYPE_CHECKING:
    from ..inference import Denoiser


@contextmanager
def denoiser_for(request: RunRequest) -> Iterator[Callable[[], Denoiser]]:
    """A block in which the denoiser is loaded. It gives what waits for it and returns it, or raises what kept it off.

    Raises:
        ModelError: There is no such model; known at once.
    """
    store = ModelStore.default()
    name = request.model or store.default_model
    store.card(name)
    with ThreadPoolExecutor(1, thread_name_prefix="load") as thread:
        yield thread.submit(_load, store, name, request).result


def _load(store: ModelStore, name: str, request: RunRequest) -> Denoiser:
    with large_imports():
        from ..inference import Backend, Denoiser

        return Denoiser(store.load(name), Backend.choose(request.backend, request.precision))
