"""Figures of this machine that outlive a program, in a small file in the user's cache folder."""

from __future__ import annotations

import json
import logging
import math
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

from ..atomic import file_in_the_making
from ..errors import CTDenoiseError

FOLDER_VARIABLE = "CTDENOISE_CACHE"
_FILE = "paces.json"

_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """The user's folder for what can be made again, or that which the environment variable CTDENOISE_CACHE names."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen).expanduser() if chosen else user_cache_path("CTDenoise", appauthor=False)


class Paces:
    """Positive numbers by name. A file that is damaged or cannot be written is as good as none.

    Args:
        path: The file; made when there is something to keep.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._read()

    @classmethod
    def of_this_user(cls) -> Paces:
        """Those in the user's cache folder, or in that which the environment variable CTDENOISE_CACHE names."""
        return _kept_open(cache_folder() / _FILE)

    def get(self, name: str) -> float | None:
        """The number of a name, as this program knows it; `None` without."""
        return self._known.get(name)

    def put(self, name: str, pace: float) -> None:
        """Keep a number, for this program in any case. What other programs kept meanwhile stays."""
        self._known = self._read() | self._known | {name: pace}
        try:
            with file_in_the_making(self._path, overwrite=True) as path:
                path.write_text(json.dumps(self._known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        except (CTDenoiseError, OSError) as error:
            _log.info("What was measured cannot be kept for the next time: %s", error)

    def _read(self) -> dict[str, float]:
        with suppress(OSError, ValueError):
            content = json.loads(self._path.read_text(encoding="utf-8"))
            if isinstance(content, dict):
                return {name: float(pace) for name, pace in content.items() if _is_pace(pace)}
        return {}


@cache
def _kept_open(path: Path) -> Paces:
    return Paces(path)


def _is_pace(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value > 0
